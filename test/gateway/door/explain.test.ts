import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Explanation } from '#gateway/explaining/explain-operation.ts'
import {
  type Answer,
  type AskInit,
  type GatewayWorld,
  type PlatformWorld,
  startPlatformWorld,
  startStandaloneWorld,
  until,
} from '../../kit/gateway.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'

let world: PlatformWorld
let ticks: TickState
beforeAll(async () => {
  const { sources, ticks: fed } = readersAndBooks()
  ticks = fed
  const settings = { demand: { mode: 'enforce' }, mostOperations: 3 } as const
  world = await startPlatformWorld({ subgraphs: sources, settings })
  await until(() => world.identity.asked.get('/revocations') === 1)
})
afterAll(() => world[Symbol.asyncDispose]())

const asked = ({ subgraphs }: GatewayWorld = world) =>
  Object.values(subgraphs).flatMap(({ seen }) => seen).length
let before = 0
beforeEach(() => {
  before = asked()
})

/** Served ahead of Yoga, and by the whole policy. */
const WAYS = [
  ['the short way', {}],
  ['the long way', { headers: { origin: 'https://page.example' } }],
] as const satisfies readonly (readonly [string, AskInit])[]

const EXPLAIN = { extensions: { explain: true } }
const explained = ({ body }: Answer) => body.extensions?.explain as Explanation
const codes = ({ status, body }: Answer) => [status, body.errors?.map((e) => e.extensions.code)]
const idOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

describe.each(WAYS)('a request by %s', (_way, way) => {
  const ask = (query: string, init: AskInit = {}) =>
    world.ask(query, { ...EXPLAIN, ...way, ...init })

  test('is explained and nobody is asked; the same without it is executed', async () => {
    const query = 'query Mine($on: Boolean = true) { me { name books @include(if: $on) } }'
    const answer = await ask(query)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(answer.body).toEqual({
      data: null,
      extensions: {
        explain: {
          operation: 'query',
          name: 'Mine',
          isAllowed: true,
          rights: [],
          isWhole: true,
          cost: {
            ...{ requested: 2, most: 200_000, remaining: expect.any(Number) },
            ...{ resetsAt: expect.any(String), isWithinBounds: true },
          },
          subgraphs: ['books', 'readers'],
          documentId: idOf(query),
        },
      },
    })
    expect(asked()).toBe(before)
    const without = await ask(query, { variables: { on: false } })
    expect(explained(without).subgraphs).toEqual(['readers'])
    const executed = await ask(query, { extensions: { explain: false, cost: true } })
    expect(executed.body).toMatchObject({
      data: { me: { name: 'Ada' } },
      extensions: { cost: { requested: 2 } },
    })
    expect(asked()).toBeGreaterThan(before)
  })

  test('a change is explained and not made', async () => {
    const { body } = await ask('mutation { rename(name: "taken") { name } }')
    expect(body.errors).toBeUndefined()
    expect(body.extensions?.explain).toMatchObject({
      operation: 'mutation',
      subgraphs: ['readers'],
    })
    expect(asked()).toBe(before)
    const made = await ask('mutation { rename(name: "taken") { name } }', { extensions: {} })
    expect(codes(made)).toEqual([200, ['NAME_TAKEN']])
  })

  test('a subscription is explained without a stream and opens nothing', async () => {
    const query = 'subscription Ticks { ticks { name books } }'
    const answer = await ask(query)
    expect([answer.status, explained(answer)]).toMatchObject([
      200,
      {
        operation: 'subscription',
        name: 'Ticks',
        cost: { perEvent: 2 },
        subgraphs: ['books', 'readers'],
      },
    ])
    expect([asked(), ticks.listeners, ticks.resumedFrom]).toEqual([before, 0, []])
    expect(codes(await ask(query, { extensions: {} }))).toEqual([406, ['STREAM_NOT_ACCEPTED']])
  })

  test('what is wrong with it is answered as when it is executed', async () => {
    const wrong: [string, AskInit?][] = [
      ['{ me { name }'],
      ['{ nothing }'],
      ['query A { me { name } } query B { me { name } }'],
      ['query ($on: Boolean!) { me { name @include(if: $on) } }', { variables: { on: 'yes' } }],
      ['query ($on: Boolean!) { me { name @include(if: $on) } }'],
      ['mutation ($name: String!) { rename(name: $name) { name } }', { variables: { name: '\0' } }],
      ['subscription { ... @defer { ticks { name } } }'],
      ['{ me { id: name } }'],
    ]
    for (const [query, init = {}] of wrong) {
      const told = await ask(query, init)
      const executed = await ask(query, { ...init, extensions: {} })
      expect(told.body.errors, query).toBeDefined()
      expect([codes(told), told.body], query).toEqual([codes(executed), executed.body])
    }
    expect(asked()).toBe(before)
  })

  test.each([[1], ['true'], [null], [{}], [[true]]])('%j is no wish', async (explain) => {
    const answer = await ask('mutation { rename(name: "x") { name } }', { extensions: { explain } })
    expect(codes(answer)).toEqual([400, ['EXPLAIN_INVALID']])
    expect(answer.body).not.toHaveProperty('data')
    expect(asked()).toBe(before)
  })

  test('goes with the hash of its document', async () => {
    const query = `query Hashed { me { name } } # ${way === WAYS[0][1]}`
    const persistedQuery = { version: 1, sha256Hash: idOf(query).slice('sha256:'.length) }
    const extensions = { explain: true, persistedQuery }
    const byName = () => world.ask(undefined as unknown as string, { ...way, extensions })
    expect((await byName()).body.errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
    expect(explained(await ask(query, { extensions })).documentId).toBe(idOf(query))
    expect(explained(await byName())).toMatchObject({ name: 'Hashed', documentId: idOf(query) })
    expect(asked()).toBe(before)
  })
})

test('by GET a query is explained and not kept, and a change is refused', async () => {
  const get = (query: string) => {
    const params = new URLSearchParams({ query, extensions: '{"explain":true}' })
    const headers = { 'apollo-require-preflight': '1', accept: 'application/json' }
    return fetch(`${world.endpoint}?${params}`, { headers })
  }
  const answer = await get('{ me { name } }')
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(await answer.json()).toMatchObject({ data: null, extensions: { explain: { name: null } } })
  expect((await get('mutation { rename(name: "x") { name } }')).status).toBe(405)
  expect(asked()).toBe(before)
})

test('of a list each is explained that asks for it', async () => {
  const query = '{ me { name } }'
  const response = await fetch(world.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([
      { query, extensions: { explain: true } },
      { query: 'mutation { rename(name: "x") { name } }', extensions: { explain: true } },
      { query, extensions: { explain: 0 } },
    ]),
  })
  expect(await response.json()).toMatchObject([
    { data: null, extensions: { explain: { operation: 'query' } } },
    { data: null, extensions: { explain: { operation: 'mutation' } } },
    { errors: [{ extensions: { code: 'EXPLAIN_INVALID' } }] },
  ])
  expect(asked()).toBe(before)
})

test('what may come in parts is explained in one', async () => {
  const headers = { accept: 'multipart/mixed;deferSpec=20220824, application/json' }
  const answer = await world.ask('{ me { name ... @defer { books } } }', { ...EXPLAIN, headers })
  expect(answer.headers.get('content-type')).toContain('application/json')
  expect(explained(answer)).toMatchObject({
    cost: { requested: 2 },
    subgraphs: ['books', 'readers'],
  })
  expect(asked()).toBe(before)
})

test('who takes nothing but events gets it as the one event of a stream', async () => {
  const response = await fetch(world.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { ticks { name } }', ...EXPLAIN }),
  })
  const events = (await response.text()).split('\n\n').filter((text) => text.includes('event: '))
  expect(events.map((text) => text.slice(0, 50))).toEqual([
    expect.stringContaining('data: {"data":null'),
    expect.stringContaining('event: complete'),
  ])
  expect([asked(), ticks.listeners]).toEqual([before, 0])
})

test('over a WebSocket nothing is explained, and nothing executed in its place', async () => {
  using client = openSocketClient(world.websocket)
  const query = 'mutation { rename(name: "x") { name } }'
  const refused = await client.subscribe(query, { explain: true }).ended
  expect(refused).toMatchObject([{ extensions: { code: 'EXPLAIN_NOT_SUPPORTED' } }])
  const feed = await client.subscribe('subscription { ticks { name } }', { explain: true }).ended
  expect(feed).toMatchObject([{ extensions: { code: 'EXPLAIN_NOT_SUPPORTED' } }])
  const invalid = await client.subscribe(query, { explain: 'yes' }).ended
  expect(invalid).toMatchObject([{ extensions: { code: 'EXPLAIN_INVALID' } }])
  expect([asked(), ticks.listeners]).toEqual([before, 0])
  await client.subscribe(query, { explain: false }).ended
  expect(asked()).toBe(before + 1)
})

test('figures count an explanation apart, and no operation', async () => {
  const { sources } = readersAndBooks()
  const settings = { metrics: true, demand: { mode: 'enforce' } } as const
  await using alone = await startStandaloneWorld({ subgraphs: sources, settings })
  await alone.ask('query Figure { me { name } }', EXPLAIN)
  const explainedFigures = await (await fetch(`${alone.url}/metrics`)).text()
  expect(explainedFigures).toMatch(/requests?\w*_count\{operation="explanation",outcome="ok"\} 1/)
  expect(explainedFigures).not.toMatch(/operations_total\{[^}]*\} 1/)
  expect(explainedFigures).not.toMatch(/dbsbm_gateway_cost_\w+_points_count\{[^}]*\} [1-9]/)
  await alone.ask('query Figure { me { name } }')
  const figures = await (await fetch(`${alone.url}/metrics`)).text()
  expect(figures).toMatch(/operations_total\{[^}]*\} 1/)
})

test('a gateway alone explains too, where everybody is nobody', async () => {
  await using alone = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
  const answer = await alone.ask('{ me { name } mine }', EXPLAIN)
  expect(explained(answer)).toMatchObject({
    isAllowed: false,
    rights: [{ coordinate: 'Query.mine', paths: ['mine'], isHeld: false }],
    // It measures, and refuses nothing for its cost.
    cost: { requested: 1, most: null, isWithinBounds: true },
  })
  expect(asked(alone)).toBe(0)
})
