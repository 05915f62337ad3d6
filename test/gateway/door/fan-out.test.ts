import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Reach } from '#kernel/auth/viewer.ts'
import { createDesk, DESK_TYPES, type Desk } from '../../kit/desk-world.ts'
import { composeSdl, startSubgraph } from '../../kit/federation.ts'
import {
  type PlatformWorld,
  startPlatformWorld,
  startStandaloneWorld,
  subscriptionsAt,
  until,
  type WorldOptions,
} from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'

const GUARDED = 'subscription { guarded { id at odds by } }'
const MOVED = 'subscription { moved { id at odds } }'

type Price = Record<string, unknown> & { by?: string; secret?: string | null; at?: number }
type Result = {
  data?: Record<string, Price | null> | null
  errors?: { extensions: { code: string } }[]
  extensions?: Record<string, unknown>
}

let world: PlatformWorld & { desk: Desk }

async function open(options: Partial<WorldOptions> & { isOfStates?: boolean } = {}) {
  const { source, desk } = createDesk(options)
  const started = await startPlatformWorld({ subgraphs: [source], ...options })
  world = { ...started, desk }
  return world
}
afterEach(() => world[Symbol.asyncDispose]())

type Person = { id: string; scopes?: string[]; reach?: Reach; session?: string }

function claimsOf({ id, scopes = ['odds:read'], reach = { kind: 'none' }, session }: Person) {
  const place = {
    ...('tenantId' in reach ? { tenant: reach.tenantId } : {}),
    ...('guildId' in reach ? { guild: reach.guildId } : {}),
  }
  const { kind } = reach
  return { sub: id, scope: scopes.join(' '), reach: kind, sid: session ?? `s${id}`, ...place }
}
const bearer = async (person: Person) =>
  `Bearer ${await world.identity.mint({ claims: claimsOf(person) })}`

async function connect(person: Person | null) {
  return openSocketClient(world.websocket, person ? { authorization: await bearer(person) } : {})
}

const resultsOf = ({ results }: { results: unknown[] }) => results as Result[]
const oddsOf = (subscribed: { results: unknown[] }) =>
  resultsOf(subscribed).flatMap(({ data }) => Object.values(data ?? {}).map((price) => price?.odds))
/** How an operation was refused: before its first result, or by it. */
async function refusalOf(subscribed: { results: unknown[]; ended: Promise<unknown> }) {
  const ended = await subscribed.ended
  const [result] = resultsOf(subscribed)
  const errors = Array.isArray(ended) ? (ended as Result['errors']) : result?.errors
  return errors?.[0]?.extensions.code
}
const running = () => subscriptionsAt(world)
const upstreams = async () => {
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  return Number(/dbsbm_gateway_upstreams (\d+)/.exec(metrics)?.[1])
}

describe('the same question of many people', () => {
  test('is one stream of the subgraph, over WebSocket and SSE alike, in the name of nobody', async () => {
    const { desk, endpoint } = await open()
    const people = Array.from({ length: 20 }, (_, index) => ({ id: String(index + 1) }))
    const sockets = await Promise.all(people.map(connect))
    const followed = sockets.map((socket) => socket.subscribe(GUARDED))
    const authorization = await bearer({ id: '99', scopes: ['bets:read', 'odds:read'] })
    await using stream = await openEventStream(endpoint, { query: GUARDED }, { authorization })
    await until(() => desk.listeners() === 1)
    await expect.poll(running, { timeout: 10_000 }).toBe(20)
    desk.happen('a', 7)
    await until(
      () => stream.events.length === 1 && followed.every(({ results }) => results.length === 1),
    )
    expect(desk.opened).toHaveLength(1)
    expect(await upstreams()).toBe(1)
    const told = followed.map(({ results }) => JSON.stringify(results[0]))
    expect(new Set([...told, JSON.stringify(stream.events[0]?.data)]).size).toBe(1)
    const by = JSON.parse(String(resultsOf(followed[0] ?? { results: [] })[0]?.data?.guarded?.by))
    expect(by).toMatchObject({
      kind: 'service',
      serviceName: 'gateway',
      userId: null,
      client: null,
    })
    expect(by).toMatchObject({ scopes: ['odds:read'], reach: { kind: 'none' } })
    for (const socket of sockets) socket[Symbol.dispose]()
    stream.cancel()
    await until(() => desk.listeners() === 0)
    expect(await upstreams()).toBe(0)
  })

  test('is one stream for all where subgraphs hear nothing of who asks', async () => {
    const { source, desk } = createDesk()
    await using alone = await startStandaloneWorld({ subgraphs: [source] })
    await open()
    const sockets = [1, 2, 3].map(() => openSocketClient(alone.websocket))
    const followed = sockets.map((socket) =>
      socket.subscribe('subscription { mine { odds stake at } }'),
    )
    await until(() => desk.listeners() === 1)
    await expect.poll(() => subscriptionsAt(alone), { timeout: 10_000 }).toBe(3)
    desk.happen('a', 1)
    await until(() => followed.every(({ results }) => results.length === 1))
    expect(desk.opened).toHaveLength(1)
    for (const socket of sockets) socket[Symbol.dispose]()
  })

  test('is a stream each where sharing is switched off', async () => {
    const { desk } = await open({ settings: { sharing: false } })
    using one = await connect({ id: '1' })
    using other = await connect({ id: '2' })
    one.subscribe(GUARDED)
    other.subscribe(GUARDED)
    await until(() => desk.opened.length === 2)
    expect(desk.opened.map(({ viewer }) => viewer?.userId).sort()).toEqual(['1', '2'])
  })

  test('… also of people who call their requests alike', async () => {
    const { desk, endpoint } = await open({ settings: { sharing: false } })
    const follow = async (id: string) =>
      openEventStream(
        endpoint,
        { query: 'subscription { mine { by stake } }' },
        { authorization: await bearer({ id, scopes: ['bets:read'] }), 'x-request-id': 'same' },
      )
    await using one = await follow('1')
    await until(() => desk.listeners() === 1)
    await using other = await follow('2')
    await expect.poll(() => subscriptionsAt(world, 'http')).toBe(2)
    expect(desk.opened.map(({ viewer }) => viewer?.userId)).toEqual(['1', '2'])
    one.cancel()
    other.cancel()
  })
})

test('through real sockets no byte goes to whom it was not made for', async () => {
  const { desk } = await open({ settings: { live: { connectionsPerClient: 10_000 } } })
  const query = fc.constantFrom(
    { text: GUARDED, by: 'everyone' },
    { text: 'subscription { moved { at by secret } }', by: 'everyone' },
    { text: 'subscription { handled { at by handle secret } }', by: 'tenant' },
    { text: 'subscription { moved { at by stake } }', by: 'viewer' },
    { text: 'subscription { mine { at by } }', by: 'viewer' },
  )
  const reach = fc.constantFrom<Reach>(
    { kind: 'platform' },
    { kind: 'tenant', tenantId: '1' },
    { kind: 'tenant', tenantId: '2' },
    { kind: 'guild', tenantId: '1', guildId: '5' },
  )
  const asked = fc.record({
    query,
    reach,
    id: fc.constantFrom('1', '2', '3'),
    scopes: fc.subarray(['bets:read', 'odds:read', 'odds:secret']),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 2, maxLength: 10 }), async (all) => {
      const followers = await Promise.all(
        all.map(async (one) => {
          const socket = await connect(one)
          return { ...one, socket, subscribed: socket.subscribe(one.query.text) }
        }),
      )
      const refused = ({ query: { text }, scopes }: (typeof followers)[number]) =>
        text === GUARDED && !scopes.includes('odds:read')
      const following = followers.filter((one) => !refused(one))
      await expect.poll(running, { interval: 5, timeout: 10_000 }).toBe(following.length)
      const streams = await upstreams()
      await until(() => desk.listeners() === streams)
      desk.happen('a', 1)
      await until(() => followers.every(({ subscribed }) => subscribed.results.length > 0))
      for (const one of followers) {
        const [result] = resultsOf(one.subscribed)
        if (refused(one)) {
          expect(result?.data).toBeNull()
          continue
        }
        const price = Object.values(result?.data ?? {})[0]
        const by = JSON.parse(String(price?.by))
        expect(one.scopes).toEqual(expect.arrayContaining(by.scopes))
        if (one.query.by === 'viewer') expect(by).toMatchObject({ kind: 'user', userId: one.id })
        else expect(by).toMatchObject({ kind: 'service', userId: null, sessionId: null })
        if (one.query.by === 'everyone') expect(by.reach).toEqual({ kind: 'none' })
        else expect(by.reach).toEqual(one.reach)
        if (price && 'secret' in price)
          expect(price.secret !== null).toBe(one.scopes.includes('odds:secret'))
      }
      for (const { socket } of followers) socket[Symbol.dispose]()
      await until(() => desk.listeners() === 0)
      await expect.poll(running, { interval: 5, timeout: 10_000 }).toBe(0)
    }),
    { numRuns: 25 },
  )
}, 60_000)

describe('what a subscriber may wish', () => {
  test.each([-1, 0.5, 120_001, '100', null, {}])(
    'conflation by %j is refused with a code',
    async (conflateMs) => {
      const { desk } = await open()
      using socket = await connect({ id: '1' })
      const subscribed = socket.subscribe(GUARDED, { conflateMs })
      if (conflateMs === null) {
        await until(() => desk.listeners() === 1)
        return
      }
      expect(await refusalOf(subscribed)).toBe('CONFLATION_INVALID')
      expect(socket.closed).toEqual([])
    },
  )

  test('the latest state of each thing at its own pace', async () => {
    const { desk } = await open({ isOfStates: true })
    using socket = await connect({ id: '1' })
    const paced = socket.subscribe(MOVED, { conflateMs: 300 })
    const each = socket.subscribe(MOVED)
    await until(() => desk.listeners() === 1)
    await expect.poll(running, { timeout: 10_000 }).toBe(2)
    for (let odds = 1; odds <= 7; odds++) {
      desk.happen('a', odds)
      desk.happen('b', odds)
    }
    await until(
      () => oddsOf(each).length === 14 && oddsOf(paced).filter((odds) => odds === 7).length === 2,
    )
    expect(oddsOf(paced).length).toBeLessThan(14)
    expect(resultsOf(paced).at(-1)?.extensions).toMatchObject({ conflated: true, cursor: 'c14' })
    expect(desk.opened).toHaveLength(1)
  })
})

describe('bounds of subscriptions', () => {
  test('of one user, over all connections', async () => {
    const { desk } = await open({ settings: { live: { subscriptionsPerUser: 2 } } })
    using one = await connect({ id: '1' })
    using again = await connect({ id: '1' })
    using other = await connect({ id: '2' })
    const first = one.subscribe(MOVED)
    one.subscribe('subscription { mine { at } }')
    await until(() => desk.listeners() === 2)
    expect(await refusalOf(again.subscribe(MOVED))).toBe('MAX_SUBSCRIPTIONS_LIMIT')
    const { results } = other.subscribe(MOVED)
    first.stop()
    await expect
      .poll(async () => {
        const subscribed = again.subscribe(MOVED)
        const code = await Promise.race([
          refusalOf(subscribed),
          new Promise((resolve) => setTimeout(resolve, 50, 'open')),
        ])
        return code
      })
      .toBe('open')
    await expect
      .poll(() => {
        desk.happen('a', 1)
        return results.length
      })
      .toBeGreaterThan(0)
  })

  test('of one tenant, over all users', async () => {
    const { desk } = await open({ settings: { live: { subscriptionsPerTenant: 1 } } })
    const reach = { kind: 'tenant', tenantId: '7' } as const
    using one = await connect({ id: '1', reach })
    using other = await connect({ id: '2', reach: { ...reach, kind: 'guild', guildId: '3' } })
    using stranger = await connect({ id: '3', reach: { kind: 'tenant', tenantId: '8' } })
    one.subscribe(MOVED)
    await until(() => desk.listeners() === 1)
    expect(await refusalOf(other.subscribe(MOVED))).toBe('MAX_SUBSCRIPTIONS_LIMIT')
    const { results } = stranger.subscribe(MOVED)
    await expect
      .poll(async () => {
        desk.happen('a', 1)
        return results.length
      })
      .toBeGreaterThan(0)
  })
})

describe('when the supergraph is exchanged', () => {
  const swap = async (types: string, url?: string) => {
    const [desk] = Object.values(world.subgraphs)
    if (!desk) throw new Error('no desk')
    const typeDefs = desk.typeDefs.replace(DESK_TYPES, types)
    await world.gateway.supergraph.swap(
      composeSdl([{ name: 'desk', typeDefs, url: url ?? desk.url }]),
    )
  }
  const codesOf = (subscribed: { results: unknown[] }) =>
    resultsOf(subscribed).flatMap(({ errors = [] }) =>
      errors.map(({ extensions }) => extensions.code),
    )

  test('a subscription that is as valid as before goes on in the same stream, its rights judged anew', async () => {
    const { desk } = await open()
    using socket = await connect({ id: '1', scopes: ['odds:read', 'odds:secret'] })
    const goesOn = socket.subscribe(GUARDED)
    await until(() => desk.listeners() === 1)
    desk.happen('a', 1)
    await until(() => oddsOf(goesOn).length === 1)
    await swap(DESK_TYPES.replace('odds: Int', 'previous: Int odds: Int'))
    desk.happen('a', 2)
    await until(() => oddsOf(goesOn).length === 2)
    expect(desk.opened).toHaveLength(1)
    using late = await connect({ id: '2' })
    const joins = late.subscribe(GUARDED)
    await expect
      .poll(async () => {
        desk.happen('a', 3)
        return joins.results.length
      })
      .toBeGreaterThan(0)
    expect(desk.opened).toHaveLength(1)
  })

  test('one whose field is gone ends with a code, over WebSocket and SSE; the socket stays', async () => {
    const { desk, endpoint } = await open()
    using socket = await connect({ id: '1' })
    const gone = socket.subscribe('subscription { moved { at padding } }')
    const stays = socket.subscribe(MOVED)
    await using stream = await openEventStream(endpoint, {
      query: 'subscription { moved { padding } }',
    })
    await until(() => desk.listeners() === 3)
    await swap(DESK_TYPES.replace(/padding: String .*/, ''))
    await gone.ended
    expect(await stream.ended).toBe('complete')
    const code = 'SUBSCRIPTION_NO_LONGER_VALID'
    expect(stream.events[0]?.data).toMatchObject({ errors: [{ extensions: { code } }] })
    expect(codesOf(gone).length === 0 || codesOf(gone)[0] === code).toBe(true)
    desk.happen('a', 1)
    await until(() => oddsOf(stays).length === 1)
    expect(socket.closed).toEqual([])
    await until(() => desk.listeners() === 1)
  })

  test('one that is asked otherwise from now on goes on after the last event it saw', async () => {
    const { desk } = await open()
    using socket = await connect({ id: '1' })
    using other = await connect({ id: '2' })
    const [mine, theirs] = [socket.subscribe(GUARDED), other.subscribe(GUARDED)]
    await until(() => desk.listeners() === 1)
    for (let odds = 1; odds <= 3; odds++) desk.happen('a', odds)
    await until(() => oddsOf(mine).length === 3 && oddsOf(theirs).length === 3)
    // Now it depends on the tenant: it is asked for in another name.
    await swap(
      DESK_TYPES.replace('odds: Int @shares(by: "everyone")', 'odds: Int @shares(by: "tenant")'),
    )
    for (let odds = 4; odds <= 6; odds++) desk.happen('a', odds)
    await until(() => oddsOf(mine).length === 6 && oddsOf(theirs).length === 6)
    expect([oddsOf(mine), oddsOf(theirs)]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6],
    ])
    expect(desk.opened.map(({ resume }) => resume)).toEqual([null, 'c3'])
    await until(() => desk.listeners() === 1)
  })

  test('one that has not had an event yet stays where it is until the first, and moves then', async () => {
    const { desk } = await open()
    using socket = await connect({ id: '1' })
    const { results } = socket.subscribe(GUARDED)
    await until(() => desk.listeners() === 1)
    await swap(
      DESK_TYPES.replace('odds: Int @shares(by: "everyone")', 'odds: Int @shares(by: "viewer")'),
    )
    for (let odds = 1; odds <= 3; odds++) desk.happen('a', odds)
    await until(() => results.length === 3)
    expect(oddsOf({ results })).toEqual([1, 2, 3])
    await until(() => desk.opened.length === 2)
    expect(desk.opened.map(({ viewer }) => viewer?.kind)).toEqual(['service', 'user'])
    desk.happen('a', 4)
    await until(() => results.length === 4)
    await until(() => desk.listeners() === 1)
  })

  test('what a subscriber may not see any more is told no more', async () => {
    const { desk } = await open()
    using socket = await connect({ id: '1', scopes: [] })
    using fresh = await connect({ id: '2', scopes: [] })
    const followed = socket.subscribe('subscription { moved { at odds } }')
    await until(() => desk.listeners() === 1)
    desk.happen('a', 1)
    await until(() => oddsOf(followed).length === 1)
    const untouched = fresh.subscribe('subscription { handled { at odds } }')
    await until(() => desk.listeners() === 2)
    const guarded = 'odds: Int @shares(by: "everyone") @requiresScopes(scopes: [["odds:read"]])'
    await swap(DESK_TYPES.replace('odds: Int @shares(by: "everyone")', guarded))
    for (let odds = 2; odds <= 4; odds++) desk.happen('a', odds)
    await until(() => followed.results.length === 4)
    expect(oddsOf(followed)).toEqual([1, null, null, null])
    // Before its first event nothing says where it would go on.
    await untouched.ended
    expect(oddsOf(untouched).filter((odds) => odds !== undefined)).toEqual([])
  })

  test('for many swaps under events: each subscriber has each event once', async () => {
    const { desk } = await open()
    const sockets = await Promise.all(['1', '2', '3'].map((id) => connect({ id })))
    const followed = sockets.flatMap((socket) => [
      socket.subscribe(GUARDED),
      socket.subscribe(MOVED),
    ])
    await until(() => desk.listeners() === 2)
    desk.happen('a', 1)
    await until(() => followed.every(({ results }) => results.length === 1))
    let odds = 1
    for (let round = 0; round < 30; round++) {
      const by = ['everyone', 'tenant', 'viewer'][round % 3]
      const swapped = swap(
        DESK_TYPES.replace(
          'odds: Int @shares(by: "everyone")',
          `odds: Int @shares(by: "${by}")\n# ${round}`,
        ),
      )
      for (let count = 0; count < 3; count++) {
        desk.happen('a', ++odds)
        await new Promise(setImmediate)
      }
      await swapped
      desk.happen('a', ++odds)
    }
    const whole = Array.from({ length: odds }, (_, index) => index + 1)
    await until(() => followed.every((one) => oddsOf(one).length >= odds), 20_000)
    for (const one of followed) expect(oddsOf(one)).toEqual(whole)
    for (const socket of sockets) socket[Symbol.dispose]()
    await until(() => desk.listeners() === 0)
  }, 60_000)
})

test('a subgraph that was away is asked for what was missed: its subscribers notice nothing', async () => {
  const { source, desk } = createDesk()
  await open({ subgraphs: [source], settings: { live: { reopenMs: 10_000 } } })
  using socket = await connect({ id: '1' })
  const followed = socket.subscribe(GUARDED)
  await until(() => desk.listeners() === 1)
  desk.happen('a', 1)
  await until(() => oddsOf(followed).length === 1)
  const [running] = Object.values(world.subgraphs)
  await running?.close()
  desk.happen('a', 2)
  const again = await startSubgraph({ ...source, ...(running ? { port: running.port } : {}) })
  await until(() => oddsOf(followed).length === 2)
  desk.happen('a', 3)
  await until(() => oddsOf(followed).length === 3)
  expect(oddsOf(followed)).toEqual([1, 2, 3])
  socket[Symbol.dispose]()
  await again.close()
})
