import { ApolloClient, gql, InMemoryCache } from '@apollo/client'
import { BatchHttpLink } from '@apollo/client/link/batch-http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PlatformWorld, startPlatformWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

/** The order in which changes began and ended; each takes until the next turn of the loop. */
const changes: string[] = []
let running = 0
let mostRunning = 0

const counters = {
  name: 'counters',
  typeDefs: 'type Query { slow(id: ID!): ID } type Mutation { change(id: ID!): ID }',
  resolvers: {
    Query: {
      slow: async (_root: unknown, { id }: { id: string }) => {
        running++
        mostRunning = Math.max(mostRunning, running)
        await new Promise((resume) => setTimeout(resume, 20))
        running--
        changes.push(`read ${id}`)
        return id
      },
    },
    Mutation: {
      change: async (_root: unknown, { id }: { id: string }) => {
        changes.push(`begin ${id}`)
        await new Promise((resume) => setTimeout(resume, 20))
        changes.push(`end ${id}`)
        return id
      },
    },
  },
}

let world: PlatformWorld
let token: string
beforeAll(async () => {
  const subgraphs = [...readersAndBooks().sources, counters]
  world = await startPlatformWorld({ subgraphs, settings: { mostOperations: 10 } })
  token = await world.identity.mint({ claims: { scope: 'users:read' } })
})
afterAll(() => world[Symbol.asyncDispose]())

type Result = { data?: unknown; errors?: { message: string; extensions: { code: string } }[] }

async function post(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(world.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as Result | Result[]
  return { status: response.status, answer }
}

const codesOf = (answer: Result | Result[]) =>
  [answer].flat().map(({ errors }) => errors?.[0]?.extensions.code ?? null)

describe('a list of operations', () => {
  test('is answered in its order, each as if it were alone', async () => {
    const list = [
      { query: '{ me { name books } }' },
      { query: '{ nobody }' },
      { query: 'query A { me { id } } query B { me { name } }', operationName: 'B' },
      { query: '{ me { id } fails }' },
      { query: '{ secret }' },
      7,
      null,
      [],
      { query: '{ me {' },
      { documentId: 'unknown' },
      { query: 'subscription { ticks { id } }' },
      { query: '{ me { id } }', more: 1 },
    ]
    const [first, second] = await Promise.all([post(list.slice(0, 6)), post(list.slice(6))])
    const answers = [first.answer, second.answer].flat()
    expect([first.status, second.status]).toEqual([200, 200])
    expect(answers.map(({ data }) => data)).toEqual([
      { me: { name: 'Ada', books: ['book of 1'] } },
      undefined,
      { me: { name: 'Ada' } },
      { me: { id: '1' }, fails: null },
      null,
      ...Array(7).fill(undefined),
    ])
    expect(codesOf(answers)).toEqual([
      null,
      'GRAPHQL_VALIDATION_FAILED',
      null,
      'INTERNAL_SERVER_ERROR',
      'UNAUTHORIZED_FIELD_OR_TYPE',
      'BAD_REQUEST',
      'BAD_REQUEST',
      'BAD_REQUEST',
      'GRAPHQL_PARSE_FAILED',
      'PERSISTED_QUERY_NOT_IN_LIST',
      'BATCHING_NOT_SUPPORTED',
      'BAD_REQUEST',
    ])
    expect(JSON.stringify(answers)).not.toMatch(/internal detail|"http"/)
  })

  test('has one credential, which all of it is asked with', async () => {
    const list = [{ query: '{ secret }' }, { query: '{ mine }' }]
    const { answer } = await post(list, { authorization: `Bearer ${token}` })
    expect(answer).toEqual([{ data: { secret: 'hidden' } }, { data: { mine: 'own' } }])
    const refused = await post(list, { authorization: 'Bearer nonsense' })
    expect([refused.status, codesOf(refused.answer)]).toEqual([401, ['TOKEN_INVALID']])
  })

  test('reads beside each other, and changes in order, alone', async () => {
    changes.length = 0
    mostRunning = 0
    const read = (id: string) => ({ query: `{ slow(id: "${id}") }` })
    const change = (id: string) => ({ query: `mutation { change(id: "${id}") }` })
    await post([read('1'), read('2'), change('3'), change('4'), read('5')])
    expect(mostRunning).toBe(2)
    expect(changes.slice(0, 2).toSorted()).toEqual(['read 1', 'read 2'])
    expect(changes.slice(2)).toEqual(['begin 3', 'end 3', 'begin 4', 'end 4', 'read 5'])
  })

  test('is answered as its operations one by one, whatever they are', async () => {
    const query = fc.constantFrom(
      '{ me { id } }',
      '{ me { name } fails }',
      '{ secret }',
      '{ nobody }',
      'mutation { rename(name: "Eve") { id name } }',
      'query ($id: ID!) { slow(id: $id) }',
    )
    const variables = fc.option(fc.record({ id: fc.constantFrom('1', '2', null) }))
    const lists = fc.array(fc.record({ query, variables }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const headers = { 'x-request-id': 'same' }
        const { answer } = await post(list, headers)
        const alone = []
        for (const operation of list) alone.push((await post(operation, headers)).answer)
        expect(answer).toEqual(alone)
      }),
      { numRuns: 30 },
    )
  })

  test('of more operations than are allowed, or of none, is refused', async () => {
    const many = Array.from({ length: 11 }, () => ({ query: '{ me { id } }' }))
    expect(await post(many).then(({ status, answer }) => [status, codesOf(answer)])).toEqual([
      400,
      ['BATCH_LIMIT'],
    ])
    expect(codesOf((await post([])).answer)).toEqual(['BATCH_LIMIT'])
    const { answer } = await post(many.slice(1))
    expect(codesOf(answer)).toEqual(Array(10).fill(null))
  })

  test('that selects more root fields in all than one operation may is refused whole', async () => {
    changes.length = 0
    const roots = Array.from({ length: 10 }, (_, index) => `a${index}: me { id }`).join(' ')
    const list = [{ query: 'mutation { change(id: "1") }' }, { query: `{ ${roots} }` }]
    expect(codesOf((await post([...list, { query: `{ ${roots} }` }])).answer)).toEqual([
      'BATCH_LIMIT',
    ])
    expect(changes).toEqual([])
    expect(codesOf((await post(list)).answer)).toEqual([null, null])
  })

  test('is not for whoever accepts streams alone', async () => {
    const response = await fetch(world.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify([{ query: '{ me { id } }' }]),
    })
    expect(await response.text()).toContain('BATCHING_NOT_SUPPORTED')
  })

  test('is counted by its operations', async () => {
    const counted = async () => {
      const text = await (await fetch(`${world.url}/metrics`)).text()
      const of = (labels: string) =>
        Number(new RegExp(`request_seconds_count\\{${labels}\\} (\\d+)`).exec(text)?.[1] ?? 0)
      return [of('operation="query",outcome="ok"'), of('operation="mutation",outcome="ok"')]
    }
    const [queries = 0, changed = 0] = await counted()
    const change = { query: 'mutation { change(id: "1") }' }
    await post([{ query: '{ me { id } }' }, { query: '{ me { id } }' }, change])
    expect(await counted()).toEqual([queries + 2, changed + 1])
  })
})

test('a real client batches', async () => {
  const client = new ApolloClient({
    link: new BatchHttpLink({ uri: world.endpoint, batchInterval: 5 }),
    cache: new InMemoryCache(),
  })
  const [me, slow] = await Promise.all([
    client.query({ query: gql`{ me { id name } }` }),
    client.query({ query: gql`{ slow(id: "7") }` }),
  ])
  expect(me.data).toMatchObject({ me: { id: '1', name: 'Ada' } })
  expect(slow.data).toMatchObject({ slow: '7' })
})
