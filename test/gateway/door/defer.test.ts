import { gql } from '@apollo/client'
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SubgraphSource } from '../../kit/federation.ts'
import { type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { apolloClient, openParts, stalledReader } from '../../kit/multipart-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const OLD = 'multipart/mixed;deferSpec=20220824'
const NEW = 'multipart/mixed;incrementalSpec=v0.2'
const QUERY = '{ me { id name ... @defer(label: "more") { books shelf { title } } } }'

/** Books that wait until they are let go, and a library of a hundred of them. */
function libraryOf(gate: { open: Promise<void>; asked: number; left: number }): SubgraphSource {
  return {
    name: 'books',
    typeDefs: `
      type Query { library: [Book!]! }
      type Reader @key(fields: "id") { id: ID! books: [String!] shelf: [Book!] fails: String }
      type Book @key(fields: "id") { id: ID! title: String }
    `,
    resolvers: {
      Query: { library: () => Array.from({ length: 100 }, (_, index) => ({ id: `${index}` })) },
      Reader: {
        __resolveReference: async ({ id }: { id: string }) => {
          gate.asked++
          await gate.open
          return { id }
        },
        books: ({ id }: { id: string }) => [`book of ${id}`],
        shelf: () => [{ id: '7' }],
        fails: () => {
          throw new Error('secret detail')
        },
      },
      Book: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        title: ({ id }: { id: string }) => `title ${id}`,
      },
    },
  }
}

const PAGES: SubgraphSource = {
  name: 'pages',
  typeDefs: 'type Book @key(fields: "id") { id: ID! pages: Int }',
  resolvers: {
    Book: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      pages: ({ id }: { id: string }) => Number(id) * 10,
    },
  },
}

let world: PlatformWorld
let gate: { open: Promise<void>; asked: number; left: number }
let letGo: () => void

beforeEach(async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  gate = { open: promise, asked: 0, left: 0 }
  letGo = resolve
  const [readers] = readersAndBooks().sources
  if (!readers) throw new Error('no readers')
  world = await startPlatformWorld({
    subgraphs: [readers, libraryOf(gate), PAGES],
    settings: { requestTimeoutMs: 1500 },
  })
  await until(() => world.identity.asked.get('/revocations') === 1)
})
afterEach(async () => {
  letGo()
  await world[Symbol.asyncDispose]()
})

describe('an answer in parts', () => {
  test.each([OLD, NEW])('brings the first part while the rest is fetched: %s', async (accept) => {
    await using answer = await openParts(world.endpoint, { query: QUERY }, { accept })
    expect(answer.status).toBe(200)
    await until(() => answer.parts().length === 1)
    expect(answer.parts()[0]).toMatchObject({
      data: { me: { id: '1', name: 'Ada' } },
      hasNext: true,
    })
    letGo()
    expect(await answer.ended).toBe('complete')
    expect(answer.parts()).toHaveLength(2)
  })

  test('is worded as the format of 2022-08-24 says, byte for byte', async () => {
    letGo()
    await using answer = await openParts(world.endpoint, { query: QUERY }, { accept: OLD })
    expect(await answer.ended).toBe('complete')
    expect(answer.headers.get('content-type')).toBe(
      'multipart/mixed;boundary="-";deferSpec=20220824',
    )
    expect(answer.text().replaceAll('\r\n', '␍\n')).toMatchInlineSnapshot(`
      "␍
      ---␍
      content-type: application/json␍
      ␍
      {"data":{"me":{"id":"1","name":"Ada"}},"hasNext":true}␍
      ---␍
      content-type: application/json␍
      ␍
      {"incremental":[{"data":{"books":["book of 1"],"shelf":[{"title":"title 7"}]},"path":["me"],"label":"more"}],"hasNext":false}␍
      -----␍
      "
    `)
  })

  test('is worded as format v0.2 says, byte for byte', async () => {
    letGo()
    await using answer = await openParts(world.endpoint, { query: QUERY }, { accept: NEW })
    expect(await answer.ended).toBe('complete')
    expect(answer.headers.get('content-type')).toBe(
      'multipart/mixed;boundary="-";incrementalSpec=v0.2',
    )
    expect(answer.text().replaceAll('\r\n', '␍\n')).toMatchInlineSnapshot(`
      "␍
      ---␍
      content-type: application/json␍
      ␍
      {"data":{"me":{"id":"1","name":"Ada"}},"pending":[{"id":"0","path":["me"],"label":"more"}],"hasNext":true}␍
      ---␍
      content-type: application/json␍
      ␍
      {"incremental":[{"id":"0","data":{"books":["book of 1"],"shelf":[{"title":"title 7"}]}}],"completed":[{"id":"0"}],"hasNext":false}␍
      -----␍
      "
    `)
  })

  test('brings the parts of a hundred items together', async () => {
    const query = '{ library { id ... @defer { pages } } }'
    await using answer = await openParts(world.endpoint, { query }, { accept: NEW })
    expect(await answer.ended).toBe('complete')
    const [first, second] = answer.parts() as {
      pending: unknown[]
      incremental: { data: unknown }[]
    }[]
    expect(first?.pending).toHaveLength(100)
    expect(second?.incremental).toHaveLength(100)
    expect(second?.incremental[42]?.data).toEqual({ pages: 420 })
  })

  test('tells of what fails and what is refused in the part that it stands in', async () => {
    letGo()
    const query = '{ me { id ... @defer { fails } } ... @defer { secret me { books } } }'
    await using answer = await openParts(world.endpoint, { query }, { accept: NEW })
    await answer.ended
    expect(answer.text()).not.toContain('secret detail')
    const [first, ...rest] = answer.parts() as { incremental?: { errors?: unknown[] }[] }[]
    expect(first).not.toHaveProperty('errors')
    const told = rest.flatMap(({ incremental = [] }) =>
      incremental.flatMap(({ errors = [] }) => errors),
    )
    expect(told).toHaveLength(2)
    expect(told).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: ['me', 'fails'] }),
        expect.objectContaining({
          path: ['secret'],
          extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
        }),
      ]),
    )
  })

  test.each([
    ['JSON alone', 'application/json'],
    ['parts of no known format', 'multipart/mixed, application/json'],
    ['subscriptions in parts', 'multipart/mixed;subscriptionSpec=1.0, application/json'],
  ])('comes in one piece for whoever accepts %s', async (_what, accept) => {
    letGo()
    const { headers, body } = await world.ask(QUERY, { headers: { accept } })
    expect(headers.get('content-type')).toContain('application/json')
    expect(body).toEqual({
      data: { me: { id: '1', name: 'Ada', books: ['book of 1'], shelf: [{ title: 'title 7' }] } },
    })
  })

  test('comes in one piece over a WebSocket, and where nothing is deferred', async () => {
    letGo()
    using socket = openSocketClient(world.websocket)
    const { results, ended } = socket.subscribe(QUERY)
    expect(await ended).toBe('complete')
    expect(results).toHaveLength(1)
    expect(results[0]).toMatchObject({ data: { me: { books: ['book of 1'] } } })
    const accept = `${NEW}, application/json`
    const { headers, body } = await world.ask('{ me { name } }', { headers: { accept } })
    expect(headers.get('content-type')).toContain('application/json')
    expect(body).toEqual({ data: { me: { name: 'Ada' } } })
  })
})

describe('an answer in parts ends early', () => {
  test('when it takes longer than a request may', async () => {
    await using answer = await openParts(world.endpoint, { query: QUERY }, { accept: NEW })
    expect(await answer.ended).toBe('complete')
    expect(answer.parts()[1]).toMatchObject({
      completed: [{ id: '0', errors: [{ extensions: { code: 'REQUEST_TIMEOUT' } }] }],
      hasNext: false,
    })
  })

  test('when the token is revoked', async () => {
    const authorization = `Bearer ${await world.identity.mint({ claims: { sid: 'mine' } })}`
    const headers = { accept: OLD, authorization }
    await using answer = await openParts(world.endpoint, { query: QUERY }, headers)
    await until(() => answer.parts().length === 1)
    world.identity.revoke({ kind: 'session', id: 'mine' })
    expect(await answer.ended).toBe('complete')
    expect(answer.parts()[1]).toMatchObject({
      incremental: [
        { path: ['me'], data: null, errors: [{ extensions: { code: 'TOKEN_REVOKED' } }] },
      ],
      hasNext: false,
    })
  })

  test('when nobody reads it', async () => {
    const heavy: SubgraphSource = {
      name: 'heavy',
      typeDefs: 'type Book @key(fields: "id") { id: ID! text: String }',
      resolvers: {
        Book: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          text: () => 'x'.repeat(90_000),
        },
      },
    }
    await using flooded = await startPlatformWorld({
      subgraphs: [libraryOf(gate), heavy],
      settings: { live: { stalledMs: 300 } },
    })
    const stalls = async () => {
      const metrics = await (await fetch(`${flooded.url}/metrics`)).text()
      return /ended_streams_total\{reason="STALLED"\} (\d+)/.exec(metrics)?.[1]
    }
    const query = '{ library { id ... @defer { text } } }'
    const stalled = await stalledReader(flooded.url, { query, accept: NEW })
    await expect.poll(stalls, { timeout: 5000 }).toBe('1')
    stalled.destroy()
  })

  test('when the client leaves, and the gateway does not wait for it', async () => {
    const answer = await openParts(world.endpoint, { query: QUERY }, { accept: NEW })
    await until(() => answer.parts().length === 1)
    answer.cancel()
    expect(await answer.ended).toBe('cut')
    const started = performance.now()
    await world.gateway.close()
    expect(performance.now() - started).toBeLessThan(400)
  })
})

describe('@defer that cannot be', () => {
  test.each([
    ['at the root of a mutation', 'mutation { ... @defer { rename(name: "Eve") { id } } }'],
    ['in a subscription', 'subscription { ticks { id ... @defer { books } } }'],
    [
      'in a fragment of a subscription',
      'subscription { ticks { ...More } } fragment More on Reader { id ... @defer { books } }',
    ],
  ])('%s is refused', async (_where, query) => {
    const { body } = await world.ask(query)
    expect(body.errors?.[0]?.extensions.code).toBe('DEFER_MISPLACED')
  })

  test('in a subscription goes by its condition', async () => {
    const query = `subscription ($late: Boolean!) { ticks { id ... @defer(if: $late) { books } } }`
    const headers = { accept: 'text/event-stream' }
    const response = await fetch(world.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables: { late: true } }),
    })
    expect(await response.text()).toContain('DEFER_MISPLACED')
    await using open = await openParts(world.endpoint, { query, variables: { late: false } })
    expect(open.status).toBe(200)
  })

  test.each([
    ['labelled by a variable', 'query ($l: String) { me { ... @defer(label: $l) { books } } }'],
    [
      'labelled as another',
      '{ me { ... @defer(label: "a") { books } ... @defer(label: "a") { name } } }',
    ],
  ])('%s is refused', async (_how, query) => {
    const { body } = await world.ask(query)
    expect(body.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})

type Handler = NonNullable<Parameters<typeof apolloClient>[1]>['handler']

describe.each([
  ['Defer20220824Handler', () => new Defer20220824Handler()],
  // Its own declaration differs from what the client wants by an `undefined`.
  ['GraphQL17Alpha9Handler', () => new GraphQL17Alpha9Handler() as Handler],
])('Apollo Client with its %s', (_name, handler) => {
  test('sees the first part, then the whole', async () => {
    const client = apolloClient(world.endpoint, { handler: handler() })
    const seen: unknown[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const query = gql(QUERY)
    const watching = client
      .watchQuery({ query, fetchPolicy: 'network-only' })
      .subscribe((result) => {
        if (result.data) seen.push(result.data)
        if (result.dataState === 'complete') resolve()
      })
    await until(() => seen.length === 1)
    expect(seen[0]).toMatchObject({ me: { name: 'Ada' } })
    expect(seen[0]).not.toHaveProperty('me.books')
    letGo()
    await promise
    expect(seen.at(-1)).toMatchObject({
      me: { name: 'Ada', books: ['book of 1'], shelf: [{ title: 'title 7' }] },
    })
    watching.unsubscribe()
    client.stop()
  })
})
