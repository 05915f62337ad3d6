import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { gatewayError } from '#gateway/errors.ts'
import { readerOf } from '#gateway/live/reader-stream.ts'
import type { Reach, Viewer } from '#kernel/auth/viewer.ts'
import {
  anonymous,
  federatedWorld,
  type Loaded,
  loadWorld,
  viewerWith,
} from '../engine/federated-world.ts'
import { createFollowers, type FollowOptions, type ROOMY } from '../engine/follow.ts'
import { createProducer, cursorOf, desk, type Producer, settle, underWay } from './desk.ts'

const loaded: Loaded = await loadWorld(federatedWorld({ desk }))

type Seen = {
  data: Record<string, Record<string, unknown>>
  extensions?: Record<string, unknown>
  errors?: { extensions: { code: string } }[]
}

let producer: Producer
beforeEach(() => {
  producer = createProducer()
})

/** A subscriber that reads all it can, and keeps it. */
function createDesk(bounds: Partial<typeof ROOMY> = {}, from: Producer = producer) {
  const { follow, opened } = createFollowers(loaded, bounds)
  return {
    opened,
    subscribe(query: string, more: Partial<FollowOptions> = {}) {
      const following = underWay(follow({ query, stream: from.stream, ...more }))
      const seen: Seen[] = []
      const state = { isEnded: false, isPaused: false }
      const resumed: (() => void)[] = []
      const read = async () => {
        for await (const result of await following) {
          seen.push(JSON.parse(JSON.stringify(result)))
          if (state.isPaused) await new Promise<void>((resolve) => resumed.push(resolve))
        }
        state.isEnded = true
      }
      const reading = read()
      return {
        seen,
        state,
        reading,
        odds: () => seen.flatMap(({ data }) => Object.values(data ?? {}).map(({ odds }) => odds)),
        codes: () =>
          seen.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code)),
        go: () => {
          state.isPaused = false
          for (const resume of resumed.splice(0)) resume()
        },
        leave: async () => (await following).return(undefined as never),
        following,
        /** The stream that it reads. */
        shared: async () => readerOf(await following)?.stream,
      }
    },
  }
}

const user = (userId: string, more: Partial<Viewer> = {}): Viewer => ({
  ...viewerWith('odds:read'),
  ...{ userId, sessionId: `s${userId}`, requestId: `r${userId}` },
  ...more,
})
const MOVED = 'subscription { moved { id odds } }'
const GUARDED = 'subscription { guarded { odds by } }'

describe('subscribers with the same question and rights', () => {
  test('share one stream, one execution and one text', async () => {
    const { subscribe } = createDesk()
    const all = ['1', '2', '3'].map((id) => subscribe(GUARDED, { viewer: user(id) }))
    await settle()
    producer.happen('a', 7)
    await settle()
    expect(producer.opened).toHaveLength(1)
    expect(all.map(({ odds }) => odds())).toEqual([[7], [7], [7]])
    const streams = await Promise.all(all.map(({ shared }) => shared()))
    expect(new Set(streams).size).toBe(1)
  })

  test('are asked for in the name of nobody, with the named scopes alone', async () => {
    const { subscribe } = createDesk()
    const scopes = ['odds:read', 'users:write']
    const { seen } = subscribe(GUARDED, { viewer: user('1', { scopes }) })
    await settle()
    producer.happen('a')
    await settle()
    const by = { kind: 'service', userId: null, reach: { kind: 'none' }, scopes: ['odds:read'] }
    expect(JSON.parse(String(seen[0]?.data.guarded?.by))).toEqual(by)
  })

  test('are one whatever other rights they have, and another where a right shows', async () => {
    const { subscribe } = createDesk()
    const query = 'subscription { moved { odds secret } }'
    const plain = [user('1'), user('2', { scopes: ['bets:read'] }), anonymous]
    for (const viewer of plain) subscribe(query, { viewer })
    await settle()
    expect(producer.opened).toHaveLength(1)
    const secret = subscribe(query, { viewer: user('3', { scopes: ['odds:secret'] }) })
    await settle()
    producer.happen('a', 1)
    await settle()
    expect(producer.opened).toHaveLength(2)
    expect(secret.seen[0]?.data.moved?.secret).toContain('odds:secret')
  })

  test('differ by variables, document, operation and conditions', async () => {
    const { subscribe } = createDesk()
    const query =
      'subscription ($of: ID, $with: Boolean! = true) { moved(of: $of) { odds @include(if: $with) id } }'
    const asked: Partial<FollowOptions>[] = [
      { variables: {} },
      { variables: { with: true } },
      { variables: { of: null } },
      { variables: { of: '1' } },
      { variables: { of: '1', unknown: 'x'.repeat(10) } },
      { variables: { of: '1', with: false } },
    ]
    for (const more of asked) subscribe(query, more)
    subscribe('subscription { moved { id odds } }')
    subscribe('subscription { moved { odds id } }')
    subscribe('subscription {\n  # a remark\n  moved { odds, id } }')
    await settle()
    expect(producer.opened).toHaveLength(4 + 2)
  })

  test('the last that leaves closes the stream, and whoever comes then opens another', async () => {
    const { subscribe, opened } = createDesk()
    const [one, other] = [subscribe(MOVED), subscribe(MOVED)]
    await settle()
    await one?.leave()
    await settle()
    expect(producer.listeners.size).toBe(1)
    await other?.leave()
    await settle()
    expect(producer.listeners.size).toBe(0)
    subscribe(MOVED)
    await settle()
    expect(producer.opened).toHaveLength(2)
    expect(opened).toEqual([1, 0, 1])
  })

  test('whoever comes late begins with what comes next', async () => {
    const { subscribe } = createDesk()
    const early = subscribe(MOVED)
    await settle()
    producer.happen('a', 1)
    await settle()
    const late = subscribe(MOVED)
    await settle()
    producer.happen('a', 2)
    await settle()
    expect([early.odds(), late.odds()]).toEqual([[1, 2], [2]])
    expect(producer.opened).toHaveLength(1)
  })
})

describe('for any subscribers', () => {
  const QUERIES = [
    {
      text: 'subscription ($of: ID) { moved(of: $of) { odds by } }',
      by: 'everyone',
      scopes: [],
    },
    { text: 'subscription { guarded { odds by } }', by: 'everyone', scopes: ['odds:read'] },
    { text: 'subscription { moved { by secret } }', by: 'everyone', scopes: ['odds:secret'] },
    { text: 'subscription { handled { odds by handle } }', by: 'tenant', scopes: [] },
    { text: 'subscription { moved { by handle secret } }', by: 'tenant', scopes: ['odds:secret'] },
    { text: 'subscription { moved { odds by stake } }', by: 'viewer', scopes: [] },
    { text: 'subscription { mine { odds by } }', by: 'viewer', scopes: [] },
    {
      text: 'subscription { ...F } fragment F on Subscription { moved { by ... { stake } } }',
      by: 'viewer',
      scopes: [],
    },
  ] as const
  const reach = fc.constantFrom<Reach>(
    { kind: 'none' },
    { kind: 'platform' },
    { kind: 'tenant', tenantId: '1' },
    { kind: 'tenant', tenantId: '2' },
    { kind: 'guild', tenantId: '1', guildId: '5' },
  )
  const subscriber = fc.record({
    query: fc.constantFrom(...QUERIES),
    of: fc.constantFrom(undefined, '1', '2'),
    userId: fc.constantFrom('1', '2', '3', null),
    scopes: fc.subarray(['bets:read', 'odds:read', 'odds:secret']),
    reach,
  })

  /** The key as the words of the rule say it, made without what the gateway makes it of. */
  function expectedKey({ query, of, scopes, reach }: Asked, at: number): string | null {
    const { text, by } = query
    const held = query.scopes.filter((scope) => scopes.includes(scope))
    if (text.includes('guarded') && held.length === 0) return null
    const asked = [text, text.includes('$of') ? of : null]
    if (by === 'everyone') return JSON.stringify([asked, held])
    if (by === 'tenant') return JSON.stringify([asked, held, reach])
    return JSON.stringify([asked, at])
  }
  type Asked = {
    query: (typeof QUERIES)[number]
    of: string | undefined
    userId: string | null
    scopes: string[]
    reach: Reach
  }

  test('no byte goes where it must not, and there are as many streams as distinct questions', async () => {
    let [shared, all] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(subscriber, { minLength: 1, maxLength: 25 }), async (asked) => {
        const source = createProducer()
        const { subscribe } = createDesk({}, source)
        const followers = asked.map((one, at) => {
          const { userId, scopes, reach: place } = one
          const viewer: Viewer =
            userId === null
              ? { ...anonymous, requestId: `r${at}` }
              : user(userId, { scopes, reach: place, requestId: `r${at}` })
          const who =
            userId === null ? { ...one, scopes: [], reach: { kind: 'none' } as const } : one
          return {
            ...subscribe(one.query.text, {
              viewer,
              variables: one.of === undefined ? {} : { of: one.of },
            }),
            viewer,
            key: expectedKey(who, at),
            one,
          }
        })
        await settle(5)
        source.happen('x', 1)
        await settle(30)
        const keys = new Set(followers.flatMap(({ key }) => key ?? []))
        expect(source.opened).toHaveLength(keys.size)
        all += followers.length
        shared += followers.length - keys.size
        for (const { seen, viewer, one, key } of followers) {
          if (key === null) {
            expect(seen).toMatchObject([{ data: null }])
            continue
          }
          const [price] = Object.values(seen[0]?.data ?? {})
          const by = JSON.parse(String(price?.by))
          if (one.query.by !== 'viewer') {
            expect(by).toMatchObject({ kind: 'service', userId: null })
            expect(by.reach).toEqual(one.query.by === 'tenant' ? viewer.reach : { kind: 'none' })
          } else {
            expect(by).toMatchObject({
              kind: viewer.kind,
              userId: viewer.userId,
              reach: viewer.reach,
            })
          }
          expect(viewer.scopes).toEqual(expect.arrayContaining(by.scopes))
          if (price && 'secret' in price)
            expect(price.secret !== null).toBe(viewer.scopes.includes('odds:secret'))
        }
        await Promise.all(followers.map(({ leave }) => leave()))
        await settle(5)
        expect(source.listeners.size).toBe(0)
      }),
      { numRuns: 150 },
    )
    // A test in which nobody shares would show nothing.
    expect(shared / all).toBeGreaterThan(0.1)
  }, 60_000)
})

describe('going on from a cursor', () => {
  test('joins whoever reads the same from there on, without another stream', async () => {
    const { subscribe } = createDesk()
    subscribe(MOVED)
    await settle()
    for (const odds of [1, 2, 3]) producer.happen('a', odds)
    await settle()
    const back = subscribe(MOVED, { resume: cursorOf(1) })
    await settle()
    producer.happen('a', 4)
    await settle()
    expect(back.odds()).toEqual([2, 3, 4])
    expect(producer.opened).toHaveLength(1)
  })

  test('from before what is at hand reads a stream of its own, and joins where the two meet', async () => {
    for (let odds = 1; odds <= 20; odds++) producer.happen('a', odds)
    const { subscribe } = createDesk()
    const live = subscribe(MOVED)
    await settle()
    const back = subscribe(MOVED, { resume: cursorOf(15) })
    await settle()
    expect(back.odds()).toEqual([16, 17, 18, 19, 20])
    expect(producer.listeners.size).toBe(2)
    producer.happen('a', 21)
    await settle()
    expect(producer.listeners.size).toBe(1)
    for (const odds of [22, 23]) producer.happen('a', odds)
    await settle()
    expect(back.odds()).toEqual([16, 17, 18, 19, 20, 21, 22, 23])
    expect(live.odds()).toEqual([21, 22, 23])
  })

  test('many with the same cursor share the stream from there', async () => {
    for (let odds = 1; odds <= 5; odds++) producer.happen('a', odds)
    const { subscribe } = createDesk()
    const all = Array.from({ length: 10 }, () => subscribe(MOVED, { resume: cursorOf(5) }))
    await settle()
    producer.happen('a', 6)
    await settle()
    expect(producer.opened).toHaveLength(1)
    for (const { odds } of all) expect(odds()).toEqual([6])
  })

  test('for any cuts: the log of each subscriber is the log of the producer, no gap, no double', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constant('happen'), fc.integer({ min: 1, max: 4 })) },
      { weight: 3, arbitrary: fc.tuple(fc.constant('cut'), fc.nat(5)) },
      { weight: 3, arbitrary: fc.tuple(fc.constant('back'), fc.nat(5)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('break'), fc.nat(0)) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('rest'), fc.integer({ min: 1, max: 30 })) },
    )
    let mostStreams = 0
    const run = async (steps: [string, number][], events: number) => {
      const source = createProducer()
      source.happen('a', 0)
      const bounds = { events, reopenMs: 2000, firstDelayMs: 1, longestDelayMs: 1 }
      const { subscribe } = createDesk(bounds, source)
      const logs: unknown[][] = Array.from({ length: 6 }, () => [])
      const running = new Map<number, ReturnType<typeof subscribe>>()
      const start = (who: number) => {
        const resume = cursorOf(1 + (logs[who]?.length ?? 0))
        if (!running.has(who)) running.set(who, subscribe(MOVED, { resume }))
      }
      const stop = async (who: number) => {
        const one = running.get(who)
        running.delete(who)
        await one?.leave()
        const events = one?.seen.filter(({ data }) => data) ?? []
        logs[who]?.push(...events.map(({ data }) => data.moved?.odds))
      }
      let odds = 0
      const act: Record<string, (value: number) => unknown> = {
        happen: (count) => {
          for (let one = 0; one < count; one++) source.happen('a', ++odds)
        },
        cut: stop,
        back: start,
        break: () => source.cut(gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: 'desk' })),
        rest: (turns) => settle(turns),
      }
      for (const who of logs.keys()) start(who)
      for (const [kind, value] of steps) {
        await act[kind]?.(value)
        await settle(1)
      }
      // Whoever was let go as too slow comes back, as clients do.
      const isWhole = async () => {
        for (const who of logs.keys()) {
          if (running.get(who)?.state.isEnded) await stop(who)
          start(who)
        }
        await settle(5)
        return [...running].every(
          ([who, one]) => (logs[who]?.length ?? 0) + one.odds().length >= odds,
        )
      }
      await expect.poll(isWhole, { interval: 1, timeout: 5000 }).toBe(true)
      for (const who of logs.keys()) await stop(who)
      mostStreams = Math.max(mostStreams, source.mostListeners())
      const produced = Array.from({ length: odds }, (_, index) => index + 1)
      for (const log of logs) expect(log).toEqual(produced)
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.constantFrom(2, 3, 5, 1000),
        run,
      ),
      { numRuns: 150 },
    )
    // Streams met.
    expect(mostStreams).toBeGreaterThan(2)
  }, 60_000)
})

describe('a reader that is slow', () => {
  test('of what happened is let go with a code when it has fallen too far behind, and can go on', async () => {
    const { subscribe } = createDesk({ events: 100 })
    const quick = subscribe(MOVED)
    const slow = subscribe(MOVED)
    slow.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 150; odds++) {
      producer.happen('a', odds)
      if (odds % 10 === 0) await settle(5)
    }
    await settle()
    slow.go()
    await slow.reading
    expect(slow.odds()).toEqual([1])
    expect(slow.codes()).toEqual(['SUBSCRIBER_TOO_SLOW'])
    const cursor = slow.seen[0]?.extensions?.cursor
    const again = subscribe(MOVED, { resume: cursor })
    await settle()
    producer.happen('a', 151)
    await settle(100)
    expect(again.odds()).toEqual(Array.from({ length: 150 }, (_, index) => index + 2))
    expect(quick.odds()).toHaveLength(151)
    expect(producer.listeners.size).toBe(1)
  })

  test('within the bounds misses nothing', async () => {
    const { subscribe } = createDesk({ events: 100 })
    subscribe(MOVED)
    const slow = subscribe(MOVED)
    slow.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 90; odds++) producer.happen('a', odds)
    await settle(100)
    slow.go()
    await settle(100)
    expect(slow.odds()).toEqual(Array.from({ length: 90 }, (_, index) => index + 1))
    expect(slow.seen.some(({ extensions }) => extensions?.conflated)).toBe(false)
  })

  test('of states gets the latest of each thing, marked, and is never let go', async () => {
    const states = createProducer({ isOfStates: true })
    const { subscribe } = createDesk({ events: 50 }, states)
    const quick = subscribe(MOVED)
    const slow = subscribe(MOVED)
    slow.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 300; odds++) {
      states.happen(['a', 'b', 'c'][odds % 3] ?? 'a', odds)
      if (odds % 10 === 0) await settle(10)
    }
    states.happen('once', 301)
    for (let odds = 302; odds <= 400; odds++) {
      states.happen('c', odds)
      if (odds % 10 === 0) await settle(10)
    }
    await settle(100)
    slow.go()
    await settle(100)
    expect(
      slow.seen.map(({ data, extensions }) => [
        data.moved?.id,
        data.moved?.odds,
        extensions?.conflated ?? false,
      ]),
    ).toEqual([
      ['b', 1, false],
      ['b', 298, true],
      ['a', 300, true],
      ['once', 301, true],
      ['c', 400, true],
    ])
    expect(slow.seen.at(-1)?.extensions).toEqual({ cursor: cursorOf(400), conflated: true })
    expect(quick.odds()).toHaveLength(400)
    states.happen('a', 401)
    await settle()
    expect(slow.seen.at(-1)).toMatchObject({ data: { moved: { odds: 401 } } })
    expect(slow.seen.at(-1)?.extensions).not.toHaveProperty('conflated')
  })

  test('sets no pace for others, and the furthest of them does', async () => {
    const { subscribe } = createDesk({ events: 1000 })
    const [one, other] = [subscribe(MOVED), subscribe(MOVED)]
    one.state.isPaused = true
    other.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 300; odds++) producer.happen('a', odds)
    await settle(300)
    expect((await one.shared())?.history.head()).toBe(66)
    other.go()
    await settle(600)
    expect(other.odds()).toHaveLength(300)
    expect(one.odds()).toHaveLength(1)
  })
})

test('a subscriber that joins where all others have stopped reading is told what comes', async () => {
  const { subscribe } = createDesk()
  const stalled = subscribe(MOVED)
  stalled.state.isPaused = true
  await settle()
  for (let odds = 1; odds <= 300; odds++) producer.happen('a', odds)
  await settle(300)
  const joined = subscribe(MOVED)
  await settle(600)
  expect(joined.odds().at(-1)).toBe(300)
  expect(stalled.odds()).toHaveLength(1)
  expect(producer.opened).toHaveLength(1)
})

test('a burst of states is told whole to whoever reads on', async () => {
  const states = createProducer({ isOfStates: true })
  const { subscribe } = createDesk({}, states)
  const { odds, seen } = subscribe(MOVED)
  await settle()
  for (let value = 1; value <= 250; value++) states.happen('a', value)
  await expect.poll(() => odds().length, { timeout: 10_000 }).toBe(250)
  expect(seen.some(({ extensions }) => extensions?.conflated)).toBe(false)
})

test('a subscriber that wishes so is told the latest states at its own pace', async () => {
  const states = createProducer({ isOfStates: true })
  const { subscribe } = createDesk({}, states)
  const paced = subscribe(MOVED, { conflateMs: 80 })
  const other = subscribe(MOVED)
  await settle()
  for (let odds = 1; odds <= 6; odds++) {
    states.happen('a', odds)
    states.happen('b', odds)
    await settle(3)
  }
  expect(paced.odds()).toEqual([1])
  await expect.poll(() => paced.odds().length).toBe(3)
  expect(
    paced.seen.map(({ data, extensions }) => [
      data.moved?.id,
      data.moved?.odds,
      extensions?.conflated ?? false,
    ]),
  ).toEqual([
    ['a', 1, false],
    ['a', 6, true],
    ['b', 6, true],
  ])
  expect(other.odds()).toHaveLength(12)
  expect(states.opened).toHaveLength(1)
})

describe('a stream of a subgraph', () => {
  const unreachable = gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: 'desk' })

  test('that breaks off is opened again after the last event', async () => {
    const { subscribe } = createDesk()
    const { odds, codes } = subscribe(MOVED)
    await settle()
    producer.happen('a', 1)
    await settle()
    producer.cut(unreachable)
    producer.happen('a', 2)
    await expect.poll(odds).toEqual([1, 2])
    expect(producer.opened.map(({ resume }) => resume)).toEqual([null, cursorOf(1)])
    expect(codes()).toEqual([])
  })

  test('that breaks off before its first event ends its subscribers with a code, as nobody knows where it was', async () => {
    const { subscribe } = createDesk()
    const both = [subscribe(MOVED), subscribe(MOVED)]
    await settle()
    producer.cut(unreachable)
    for (const { reading, codes } of both) {
      await reading
      expect(codes()).toEqual(['SUBGRAPH_UNREACHABLE'])
    }
  })

  test('that cannot be opened again in time ends with a code', async () => {
    const { subscribe } = createDesk({ reopenMs: 300, firstDelayMs: 5, longestDelayMs: 10 })
    let opened = 0
    const { reading, codes, odds } = subscribe(MOVED, {
      stream: async function* (...call) {
        if (opened++ > 0) throw unreachable
        for await (const event of producer.stream(...call)) {
          yield event
          throw unreachable
        }
      },
    })
    await settle()
    producer.happen('a', 1)
    await reading
    expect(odds()).toEqual([1])
    expect(codes()).toEqual(['SUBGRAPH_UNREACHABLE'])
    expect(opened).toBeGreaterThan(2)
  })

  test('that leaves says so, and is opened elsewhere', async () => {
    const { subscribe } = createDesk()
    let opened = 0
    const { odds, codes } = subscribe(MOVED, {
      stream: async function* (...call) {
        const isFirst = opened++ === 0
        for await (const event of producer.stream(...call)) {
          yield event
          if (!isFirst) continue
          yield { errors: [{ message: 'leaving', extensions: { code: 'SERVICE_DRAINING' } }] }
          return
        }
      },
    })
    await settle()
    producer.happen('a', 1)
    producer.happen('a', 2)
    await expect.poll(odds).toEqual([1, 2])
    expect(codes()).toEqual([])
  })

  test('that tells the last event again after it was opened anew is not believed twice', async () => {
    const { subscribe } = createDesk()
    let opened = 0
    const { odds } = subscribe(MOVED, {
      stream: async function* () {
        opened++
        yield { data: { moved: { id: 'a', odds: 1 } }, extensions: { cursor: 'c1' } }
        if (opened === 1) throw unreachable
        yield { data: { moved: { id: 'a', odds: 2 } }, extensions: { cursor: 'c2' } }
      },
    })
    await expect.poll(odds).toEqual([1, 2])
  })

  test('that goes back to an earlier event is refused with a code', async () => {
    const { subscribe } = createDesk({ reopenMs: 0 })
    const { reading, odds, codes } = subscribe(MOVED, {
      stream: async function* () {
        for (const at of [1, 2, 1, 3])
          yield { data: { moved: { id: 'a', odds: at } }, extensions: { cursor: cursorOf(at) } }
      },
    })
    await reading
    expect(odds()).toEqual([1, 2])
    expect(codes()).toEqual(['SUBGRAPH_ANSWER_INVALID'])
  })

  test('that refuses is heard by all, and ends', async () => {
    const { subscribe } = createDesk()
    const refusing = async function* () {
      yield { data: null, errors: [{ message: 'expired', extensions: { code: 'CURSOR_EXPIRED' } }] }
    }
    const both = [1, 2].map(() => subscribe(MOVED, { resume: 'c0', stream: refusing }))
    for (const { reading, codes } of both) {
      await reading
      expect(codes()).toEqual(['CURSOR_EXPIRED'])
    }
  })

  test('with an event that makes no sense tells so of this event, and goes on', async () => {
    const { subscribe } = createDesk()
    const { reading, seen } = subscribe('subscription { moved { id odds } }', {
      stream: async function* () {
        yield { data: { moved: 'nonsense' } }
        yield { data: { moved: { id: 'a', odds: 'many' } } }
        yield { data: { moved: { id: 'a', odds: 2 } } }
      },
    })
    await reading
    expect(seen).toMatchObject([
      { data: { moved: null }, errors: [{ extensions: { code: 'SUBGRAPH_VALUE_INVALID' } }] },
      {
        data: { moved: { odds: null } },
        errors: [{ extensions: { code: 'SUBGRAPH_VALUE_INVALID' } }],
      },
      { data: { moved: { odds: 2 } } },
    ])
  })
})
