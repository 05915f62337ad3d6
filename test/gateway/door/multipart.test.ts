import { CombinedGraphQLErrors, CombinedProtocolErrors, gql } from '@apollo/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startFloodedWorld } from '../../kit/flooded-world.ts'
import {
  type PlatformWorld,
  startPlatformWorld,
  subscriptionsAt,
  until,
} from '../../kit/gateway.ts'
import {
  apolloClient,
  openParts,
  SUBSCRIPTION_ACCEPT,
  stalledReader,
  subscribeWith,
} from '../../kit/multipart-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'

const TICKS = 'subscription { ticks { id name books } }'

let world: PlatformWorld
let ticks: TickState

beforeEach(async () => {
  const readers = readersAndBooks()
  ticks = readers.ticks
  world = await startPlatformWorld({
    subgraphs: readers.sources,
    settings: { live: { connections: 3 } },
  })
  await until(() => world.identity.asked.get('/revocations') === 1)
})
afterEach(() => world[Symbol.asyncDispose]())

const bearer = async (overrides = {}) => `Bearer ${await world.identity.mint(overrides)}`
const listeners = (count: number) => until(() => ticks.listeners === count)
const dataOf = (id: string) => ({ ticks: { id, name: id, books: [`book of ${id}`] } })
const eventOf = (id: string) => ({
  payload: { data: dataOf(id), extensions: { cursor: `cursor-${id}` } },
})
const lastWord = (code: string) => ({ payload: null, errors: [{ extensions: { code } }] })

describe('a subscription over multipart HTTP', () => {
  test('is worded as Apollo’s protocol says, byte for byte', async () => {
    await using stream = await openParts(world.endpoint, { query: TICKS })
    await listeners(1)
    ticks.push('7')
    await until(() => stream.parts().length === 1)
    expect(stream.status).toBe(200)
    expect(stream.headers.get('content-type')).toBe(
      'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
    )
    expect(stream.headers.get('x-accel-buffering')).toBe('no')
    expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(stream.text().replaceAll('\r\n', '␍\n')).toMatchInlineSnapshot(`
      "␍
      --graphql␍
      content-type: application/json␍
      ␍
      {"payload":{"data":{"ticks":{"id":"7","name":"7","books":["book of 7"]}},"extensions":{"cursor":"cursor-7"}}}␍
      --graphql"
    `)
    expect(stream.parts()).toEqual([eventOf('7')])
  })

  test('beats while nothing happens', async () => {
    const readers = readersAndBooks()
    await using quiet = await startPlatformWorld({
      subgraphs: readers.sources,
      settings: { live: { keepAliveMs: 20 } },
    })
    await using stream = await openParts(quiet.endpoint, { query: TICKS })
    await until(() => stream.parts().length >= 2)
    expect(stream.parts().slice(0, 2)).toEqual([{}, {}])
    readers.ticks.push('1')
    await until(() => stream.parts().some((part) => 'payload' in (part as object)))
    expect(stream.parts()).toContainEqual(eventOf('1'))
  })

  test('resumes from the cursor that the client names', async () => {
    const body = { query: TICKS, extensions: { resume: 'cursor-4' } }
    await using _stream = await openParts(world.endpoint, body)
    await listeners(1)
    expect(ticks.resumedFrom).toEqual(['cursor-4'])
  })

  test('that the client leaves is ended in the subgraph', async () => {
    await using stream = await openParts(world.endpoint, { query: TICKS })
    await listeners(1)
    stream.cancel()
    await listeners(0)
  })

  test('carries errors of an event in its payload and goes on', async () => {
    await using half = await openParts(world.endpoint, {
      query: 'subscription { ticks { name books } }',
    })
    await listeners(1)
    await world.subgraphs.books?.close()
    ticks.push('1')
    ticks.push('2')
    await until(() => half.parts().length === 2)
    expect(half.parts()).toMatchObject([
      {
        payload: {
          data: { ticks: { name: '1', books: null } },
          errors: [{ extensions: { code: 'SUBGRAPH_UNREACHABLE', subgraph: 'books' } }],
        },
      },
      { payload: { data: { ticks: { name: '2', books: null } } } },
    ])
  })

  test('whose subgraph goes away says so and ends', async () => {
    await using stream = await openParts(world.endpoint, { query: TICKS })
    await listeners(1)
    await world.subgraphs.readers?.close()
    expect(await stream.ended).toBe('complete')
    expect(stream.parts()).toMatchObject([
      { payload: { data: null, errors: [{ extensions: { subgraph: 'readers' } }] } },
    ])
  })

  test.each([
    ['spaces and quotes', 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"'],
    ['JSON beside it', `${SUBSCRIPTION_ACCEPT},application/json;q=0.9`],
    ['an event stream after it', `${SUBSCRIPTION_ACCEPT}, text/event-stream`],
  ])('is understood from an Accept with %s', async (_what, accept) => {
    await using stream = await openParts(world.endpoint, { query: TICKS }, { accept })
    expect(stream.headers.get('content-type')).toContain('multipart/mixed')
    await listeners(1)
  })

  test.each([
    ['an event stream is named first', `text/event-stream, ${SUBSCRIPTION_ACCEPT}`, 200],
    ['another version is', 'multipart/mixed;subscriptionSpec=2.0', 406],
    ['no version is', 'multipart/mixed', 406],
    ['it is not wanted', `${SUBSCRIPTION_ACCEPT};q=0`, 406],
    ['JSON alone is', 'application/json', 406],
  ])('is no answer where %s', async (_what, accept, status) => {
    await using stream = await openParts(world.endpoint, { query: TICKS }, { accept })
    expect(stream.status).toBe(status)
    expect(stream.headers.get('content-type')).not.toContain('multipart')
    expect(await subscriptionsAt(world, 'http')).toBe(status === 200 ? 1 : 0)
    await listeners(status === 200 ? 1 : 0)
  })
})

describe('what is refused before the stream begins', () => {
  test('has the status and the JSON of any other refusal where JSON is accepted', async () => {
    const accept = `${SUBSCRIPTION_ACCEPT},application/json`
    const headers = { accept, authorization: await bearer({ isForged: true }) }
    const forged = await openParts(world.endpoint, { query: TICKS }, headers)
    await forged.ended
    expect([forged.status, forged.headers.get('content-type')]).toEqual([
      401,
      'application/json; charset=utf-8',
    ])
    const wrong = await openParts(world.endpoint, { query: 'subscription { no }' }, { accept })
    await wrong.ended
    expect(wrong.status).toBe(200)
    expect(JSON.parse(wrong.text())).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    })
  })

  test('is the last word of a stream, with the same status, where parts alone are accepted', async () => {
    const headers = { authorization: await bearer({ livesSeconds: -10 }) }
    const late = await openParts(world.endpoint, { query: TICKS }, headers)
    await late.ended
    expect(late.status).toBe(401)
    const streams = await Promise.all(
      [1, 2, 3].map(() => openParts(world.endpoint, { query: TICKS })),
    )
    await listeners(3)
    const refused = await openParts(world.endpoint, { query: TICKS })
    expect(refused.status).toBe(503)
    expect(await refused.ended).toBe('complete')
    expect(refused.parts()).toMatchObject([lastWord('CONNECTION_LIMIT')])
    for (const stream of streams) stream.cancel()
    await listeners(0)
  })

  test('keeps the rules for browsers', async () => {
    const simple = await openParts(
      world.endpoint,
      { query: TICKS },
      { 'content-type': 'text/plain' },
    )
    expect(simple.status).toBe(403)
    await simple.ended
  })
})

describe('rights that end', () => {
  test('by expiry are told as the protocol’s last word', async () => {
    const authorization = await bearer({ livesSeconds: 1.5 })
    await using stream = await openParts(world.endpoint, { query: TICKS }, { authorization })
    await listeners(1)
    expect(await stream.ended).toBe('complete')
    expect(stream.parts()).toMatchObject([lastWord('TOKEN_EXPIRED')])
    await listeners(0)
  })

  test('by revocation too, within a second', async () => {
    const authorization = await bearer({ claims: { sid: 'mine' } })
    await using stream = await openParts(world.endpoint, { query: TICKS }, { authorization })
    await listeners(1)
    const started = performance.now()
    world.identity.revoke({ kind: 'session', id: 'mine' })
    expect(await stream.ended).toBe('complete')
    expect(performance.now() - started).toBeLessThan(1000)
    expect(stream.parts()).toMatchObject([lastWord('TOKEN_REVOKED')])
  })
})

describe('a stream whose gateway or reader stops', () => {
  test('ends with a code when the gateway is told to', async () => {
    const stream = await openParts(world.endpoint, { query: TICKS })
    await listeners(1)
    await world.gateway.close()
    expect(await stream.ended).toBe('complete')
    expect(stream.parts()).toMatchObject([lastWord('SERVICE_DRAINING')])
  })

  test('is let go when nobody reads, in the subgraph too', async () => {
    await using flooded = await startFloodedWorld()
    const stalled = await stalledReader(flooded.url, {
      query: 'subscription { ticks { name } }',
      accept: SUBSCRIPTION_ACCEPT,
    })
    await flooded.streams(1)
    await flooded.streams(0)
    stalled.destroy()
  })
})

describe('Apollo Client over HTTP', () => {
  const subscription = gql(TICKS)

  test('asks and changes', async () => {
    const client = apolloClient(world.endpoint)
    const asked = await client.query({ query: gql('{ me { name books } }') })
    expect(asked.data).toEqual({ me: { __typename: 'Reader', name: 'Ada', books: ['book of 1'] } })
    const mutation = gql('mutation { rename(name: "Eve") { name } }')
    const changed = await client.mutate({ mutation })
    expect(changed.data).toEqual({ rename: { __typename: 'Reader', name: 'Eve' } })
    client.stop()
  })

  test('subscribes, leaves, and resumes from its last cursor after a cut', async () => {
    const client = apolloClient(world.endpoint)
    const first = subscribeWith(client, subscription)
    await listeners(1)
    ticks.push('7')
    await until(() => first.results.length === 1)
    expect(first.results[0]).toMatchObject({ data: dataOf('7') })
    const { extensions } = first.results[0] as { extensions: { cursor: string } }
    expect(extensions).toEqual({ cursor: 'cursor-7' })
    first.stop()
    await listeners(0)
    const again = subscribeWith(client, subscription, { resume: extensions.cursor })
    await listeners(1)
    expect(ticks.resumedFrom).toEqual([null, 'cursor-7'])
    ticks.push('8')
    await until(() => again.results.length === 1)
    expect(again.results[0]).toMatchObject({ data: dataOf('8') })
    again.stop()
    client.stop()
  })

  test('hears that its token expired, as an error of the protocol', async () => {
    const headers = { authorization: await bearer({ livesSeconds: 1.5 }) }
    const client = apolloClient(world.endpoint, { headers })
    const { results, ended } = subscribeWith(client, subscription)
    await listeners(1)
    expect(await ended).toBe('complete')
    const [last] = results as { error?: unknown }[]
    expect(CombinedProtocolErrors.is(last?.error)).toBe(true)
    expect(last?.error).toMatchObject({ errors: [{ extensions: { code: 'TOKEN_EXPIRED' } }] })
    client.stop()
  })

  test('hears of errors of an event without losing the stream', async () => {
    const client = apolloClient(world.endpoint)
    const { results, stop } = subscribeWith(client, subscription)
    await listeners(1)
    await world.subgraphs.books?.close()
    ticks.push('1')
    await until(() => results.length === 1)
    const [event] = results as { error?: unknown }[]
    expect(CombinedGraphQLErrors.is(event?.error)).toBe(true)
    ticks.push('2')
    await until(() => results.length === 2)
    stop()
    client.stop()
  })
})
