import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { openParts } from '../../kit/multipart-clients.ts'
import { askBy, demandWorld, WAYS } from './demand-world.ts'

const codeOf = ({ errors }: { errors?: { extensions: Record<string, unknown> }[] }) =>
  errors?.[0]?.extensions.code
const LITTLE = { perSecond: 1, most: 20 }
const tenantToken = (tenant: string, sub: string) => ({
  claims: { sub, reach: 'tenant', tenant, scope: 'users:read' },
})

describe('what one operation may cost', () => {
  let world: Awaited<ReturnType<typeof demandWorld>>
  beforeAll(async () => {
    world = await demandWorld({ maxCost: 50, maxSubgraphCost: 40 })
  })
  afterAll(() => world[Symbol.asyncDispose]())
  const asked = () => Object.values(world.subgraphs).reduce((sum, { seen }) => sum + seen.length, 0)

  test.each(WAYS)(
    'by %s: what may cost too much is refused before anything is fetched',
    async (way) => {
      const before = asked()
      const answer = await askBy(way, world, { query: '{ shelf(first: 51) { name } }' })
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: 'COST_ESTIMATED_TOO_EXPENSIVE',
        allowed: 50,
        found: 51,
      })
      expect(answer.data ?? null).toBeNull()
      if (way !== 'websocket') expect(answer.status).toBe(400)
      expect(asked()).toBe(before)
    },
  )

  test.each(WAYS)('by %s: a list without its slice is refused', async (way) => {
    const before = asked()
    const answer = await askBy(way, world, { query: '{ shelf { name } }' })
    expect(codeOf(answer)).toBe('COST_INVALID_SLICING_ARGUMENTS')
    expect(asked()).toBe(before)
  })

  test.each(WAYS)(
    'by %s: a part that is too dear for its subgraph is left out, the rest answered',
    async (way) => {
      const shop = world.subgraphs.shop?.seen.length
      const answer = await askBy(way, world, { query: '{ me { name } shelf(first: 45) { name } }' })
      expect(answer.data).toEqual({ me: { name: 'Ada' }, shelf: null })
      expect(answer.errors).toHaveLength(1)
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: 'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE',
        subgraph: 'shop',
      })
      expect(world.subgraphs.shop?.seen.length).toBe(shop)
    },
  )

  test.each(WAYS)('by %s: an answer that cost too much after all is refused', async (way) => {
    world.length.now = 51
    const answer = await askBy(way, world, { query: '{ many { name } }' })
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'COST_ACTUAL_TOO_EXPENSIVE',
      found: 51,
    })
    expect(answer.data ?? null).toBeNull()
    world.length.now = 3
  })

  test('and nothing more is fetched for it', async () => {
    world.length.now = 51
    const before = world.subgraphs.books?.seen.length
    const { body } = await world.ask('{ many { owner { id books } } }')
    expect(codeOf(body)).toBe('COST_ACTUAL_TOO_EXPENSIVE')
    expect(world.subgraphs.books?.seen.length).toBe(before)
    world.length.now = 3
  })

  test.each(WAYS)('by %s: the cost is told to whoever asks, and to nobody else', async (way) => {
    const query = '{ shelf(first: 4) { name } }'
    expect((await askBy(way, world, { query })).extensions).toBeUndefined()
    const { extensions, data } = await askBy(way, world, { query, extensions: { cost: true } })
    expect(data?.shelf).toHaveLength(4)
    expect(extensions?.cost).toEqual({
      requested: 4,
      actual: 4,
      remaining: expect.any(Number),
      resetsAt: expect.stringMatching(/^2\d{3}-.*Z$/),
    })
  })

  test('… by a header too', async () => {
    const { body } = await world.ask('{ me { name } }', { headers: { 'x-dbsbm-cost': '1' } })
    expect(body.extensions?.cost).toMatchObject({ requested: 1, actual: 1 })
  })

  test('a wrong variable is said as it would be without demand control', async () => {
    const { body } = await world.ask('query ($n: Int) { shelf(first: $n) { name } }', {
      variables: { n: 'many' },
    })
    expect(codeOf(body)).toBe('BAD_USER_INPUT')
  })
})

test('by Apollo’s executor the same is refused, counted and told', async () => {
  await using world = await demandWorld(
    { maxCost: 50, maxSubgraphCost: 40 },
    { executor: 'apollo' },
  )
  expect(codeOf((await world.ask('{ shelf(first: 51) { name } }')).body)).toBe(
    'COST_ESTIMATED_TOO_EXPENSIVE',
  )
  const { body } = await world.ask('{ me { name } shelf(first: 45) { name } }')
  expect(body.data).toEqual({ me: { name: 'Ada' }, shelf: null })
  expect(codeOf(body)).toBe('SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE')
  const told = await world.ask('{ shelf(first: 4) { name } }', { extensions: { cost: true } })
  expect(told.body.extensions?.cost).toMatchObject({ requested: 4, actual: 4 })
})

describe('who measures', () => {
  test('refuses nothing, and counts what would have been refused', async () => {
    const budgets = { anonymous: { perSecond: 1, most: 1 } }
    await using world = await demandWorld({
      mode: 'measure',
      maxCost: 2,
      maxSubgraphCost: 1,
      budgets,
    })
    for (const query of ['{ shelf(first: 5) { name } }', '{ shelf { name } }', '{ many { name } }'])
      expect((await world.ask(query)).status).toBe(200)
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    for (const code of [
      'COST_ESTIMATED_TOO_EXPENSIVE',
      'COST_INVALID_SLICING_ARGUMENTS',
      'COST_ACTUAL_TOO_EXPENSIVE',
      'BUDGET_EXHAUSTED',
    ])
      expect(metrics).toMatch(
        new RegExp(`demand_refusals_total{code="${code}",mode="measure"} [1-9]`),
      )
    expect(metrics).toMatch(/cost_estimated_points_bucket{le="5",class="anonymous"} \d/)
    expect(metrics).toMatch(/cost_actual_points_count{class="anonymous"} 3/)
  })

  test('… and who turned it off, nothing at all', async () => {
    await using world = await demandWorld({ mode: 'off', maxCost: 1 })
    const { body } = await world.ask('{ shelf(first: 5) { name } }', { extensions: { cost: true } })
    expect([body.extensions, body.errors]).toEqual([undefined, undefined])
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).not.toMatch(/cost_actual_points_count{/)
  })
})

describe('budgets', () => {
  test.each(WAYS)('by %s: who spent all is told when to come back', async (way) => {
    await using world = await demandWorld({ budgets: { anonymous: LITTLE } })
    const query = '{ shelf(first: 10) { name } }'
    for (let times = 0; times < 2; times++)
      expect((await askBy(way, world, { query })).errors).toBeUndefined()
    const refused = await askBy(way, world, { query })
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'BUDGET_EXHAUSTED',
      budget: 'anonymous',
      retryAfter: expect.any(Number),
    })
    if (way === 'websocket') return
    expect(refused.status).toBe(429)
    expect(refused.retryAfter).toBe(String(refused.errors?.[0]?.extensions.retryAfter))
  })

  test('what was estimated and not fetched comes back', async () => {
    await using world = await demandWorld({ budgets: { anonymous: LITTLE } })
    world.length.now = 0
    for (let times = 0; times < 5; times++)
      expect((await world.ask('{ many(first: 10) { name } }')).body.errors).toBeUndefined()
  })

  test('what is deferred is paid with the rest', async () => {
    const query = '{ me { name ... @defer { owned: books friend { books } } } }'
    const remaining = async (accept: string) => {
      const anonymous = { perSecond: 0.01, most: 20 }
      await using world = await demandWorld({ budgets: { anonymous } })
      {
        await using parts = await openParts(world.endpoint, { query }, { accept })
        await parts.ended
      }
      const { body } = await world.ask('{ me { name } }', { extensions: { cost: true } })
      return (body.extensions as { cost: { remaining: number } }).cost.remaining
    }
    const inOne = await remaining('application/json')
    expect(inOne).toBeLessThan(18)
    // Fetches that only an answer in parts makes are paid as they were estimated.
    const inParts = await remaining('multipart/mixed;incrementalSpec=v0.2')
    expect(inParts).toBeLessThanOrEqual(inOne)
  })

  test('whoever leaves pays for what was asked on their behalf', async () => {
    await using world = await demandWorld({ budgets: { anonymous: LITTLE } })
    const held = Promise.withResolvers<void>()
    world.length.held = held.promise
    const asked = () => world.subgraphs.shop?.seen.length ?? 0
    const before = asked()
    const body = JSON.stringify({ query: '{ shelf(first: 10) { name } }' })
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    for (let times = 1; times <= 2; times++) {
      const leaving = new AbortController()
      const { signal } = leaving
      const answer = fetch(world.endpoint, { method: 'POST', headers, body, signal })
      await until(() => asked() === before + times)
      leaving.abort()
      await expect(answer).rejects.toThrow()
    }
    // Long enough for what was not spent to come back, if it did.
    await new Promise((resolve) => setTimeout(resolve, 300))
    held.resolve()
    const { body: third } = await world.ask('{ shelf(first: 11) { name } }')
    expect(codeOf(third)).toBe('BUDGET_EXHAUSTED')
  })

  test('a flood of one tenant stops no other, and one person’s not their tenant', async () => {
    const budgets = { user: { perSecond: 1, most: 60 }, tenant: { perSecond: 1, most: 100 } }
    await using world = await demandWorld({ budgets })
    const [ann, bob, eve] = await Promise.all([
      world.identity.mint(tenantToken('7', '1')),
      world.identity.mint(tenantToken('7', '2')),
      world.identity.mint(tenantToken('8', '3')),
    ])
    const askAs = async (token: string, times: number) => {
      const answers = Array.from({ length: times }, () =>
        world.ask('{ shelf(first: 10) { name } }', { token }),
      )
      const bodies = (await Promise.all(answers)).map(({ body }) => body.errors?.[0]?.extensions)
      return {
        through: bodies.filter((refusal) => !refusal).length,
        budgets: new Set(bodies.map((refusal) => refusal?.budget)),
      }
    }
    const first = await askAs(ann, 30)
    expect(first.budgets).toEqual(new Set([undefined, 'user']))
    expect(first.through).toBeLessThanOrEqual(7)
    expect(first.through).toBeGreaterThanOrEqual(5)
    const second = await askAs(bob, 30)
    expect(second.budgets).toEqual(new Set([undefined, 'tenant']))
    expect(first.through + second.through).toBeLessThanOrEqual(11)
    expect((await askAs(eve, 5)).through).toBe(5)
  })

  test('signing in and out goes on when everything else is spent, and nothing rides along with it', async () => {
    await using world = await demandWorld({
      budgets: { anonymous: LITTLE, signIn: { perSecond: 1, most: 60 } },
    })
    await world.ask('{ shelf(first: 20) { name } }')
    const ask = async (query: string) => codeOf((await world.ask(query)).body) ?? 'answered'
    expect(await ask('{ shelf(first: 5) { name } }')).toBe('BUDGET_EXHAUSTED')
    expect(await ask('mutation { signIn(name: "ann") { name } }')).toBe('answered')
    expect(await ask('mutation { out: signOut { __typename } }')).toBe('answered')
    for (const query of [
      'mutation { signIn(name: "ann") { name } rename(name: "x") { name } }',
      'mutation { signIn: rename(name: "x") { name } }',
      'mutation { ...F } fragment F on Mutation { signIn(name: "ann") { name } }',
    ])
      expect(await ask(query), query).toBe('BUDGET_EXHAUSTED')
    // Its own share has an end too.
    const tries = await Promise.all(
      Array.from({ length: 10 }, () => ask('mutation { signIn { name } }')),
    )
    expect(new Set(tries)).toEqual(new Set(['answered', 'BUDGET_EXHAUSTED']))
  })

  test('a question that is refused costs nothing: whoever waits gets in', async () => {
    await using world = await demandWorld({ budgets: { anonymous: { perSecond: 20, most: 20 } } })
    const ask = async () => codeOf((await world.ask('{ shelf(first: 20) { name } }')).body)
    expect(await ask()).toBeUndefined()
    expect(await ask()).toBe('BUDGET_EXHAUSTED')
    await expect.poll(ask, { timeout: 5_000, interval: 100 }).toBeUndefined()
  })
})

describe('a subscription that is refused before it begins', () => {
  test('costs no more than its refusal: what was set aside for it is given back', async () => {
    await using world = await demandWorld({
      budgets: { anonymous: { perSecond: 0.001, most: 30 } },
    })
    const query = 'subscription { sold { name } }'
    for (let again = 0; again < 10; again++) {
      const refused = await askBy('websocket', world, {
        query,
        extensions: { conflateMs: 'never' },
      })
      expect(codeOf(refused)).toBe('CONFLATION_INVALID')
    }
    expect(codeOf((await world.ask('{ shelf(first: 15) { name } }')).body)).toBeUndefined()
  })
})

describe('events of a live connection', () => {
  const budgets = { connection: { perSecond: 1, most: 3 } }
  const refusal = { code: 'BUDGET_EXHAUSTED', budget: 'connection', retryAfter: expect.any(Number) }

  test('of a WebSocket are paid together, and the one too many ends its subscription alone', async () => {
    await using world = await demandWorld({ budgets })
    using client = openSocketClient(world.websocket)
    const first = client.subscribe('subscription { ticks { name books } }')
    await until(() => world.ticks.listeners === 1)
    // Each event costs its delivery and one entity of the other subgraph.
    world.ticks.push('1')
    await until(() => first.results.length === 1)
    world.ticks.push('2')
    await until(() => first.results.length === 2)
    expect(first.results[1]).toMatchObject({ errors: [{ extensions: refusal }] })
    expect(await first.ended).toBe('complete')
    // Its client lets go of a connection that it needs no more; the gateway did not.
    expect(client.closed.filter(({ code }) => code !== 1000)).toEqual([])
    using other = openSocketClient(world.websocket)
    const second = other.subscribe('subscription { ticks { name } }')
    await until(() => world.ticks.listeners === 1)
    world.ticks.push('3')
    await until(() => second.results.length === 1)
    expect(second.results[0]).toMatchObject({ data: { ticks: { name: '3' } } })
    second.stop()
  })

  test('of all subscriptions on one socket come from one budget', async () => {
    await using world = await demandWorld({ budgets })
    using client = openSocketClient(world.websocket)
    const query = 'subscription { ticks { name books } }'
    const both = [client.subscribe(query), client.subscribe(query)]
    await until(() => world.ticks.listeners === 2)
    world.ticks.push('1')
    await until(() => both.every(({ results }) => results.length === 1))
    const codes = both.map(({ results: [result] }) =>
      codeOf(result as Parameters<typeof codeOf>[0]),
    )
    expect(codes.sort()).toEqual(['BUDGET_EXHAUSTED', undefined])
  })

  test('of an event stream too', async () => {
    await using world = await demandWorld({ budgets })
    await using stream = await openEventStream(world.endpoint, {
      query: 'subscription { ticks { name } }',
    })
    await until(() => world.ticks.listeners === 1)
    for (let tick = 1; tick <= 4; tick++) {
      world.ticks.push(String(tick))
      await until(() => stream.events.length >= tick)
    }
    expect(stream.events[2]).toMatchObject({ data: { data: { ticks: { name: '3' } } } })
    expect(stream.events[3]).toMatchObject({ data: { errors: [{ extensions: refusal }] } })
    await until(() => world.ticks.listeners === 0)
  })
})
