import { describe, expect, test } from 'vitest'
import { createDbsbm, type FeedState, type SubscribeOptions } from '../../sdk/src/index.ts'
import { createSocket } from '../../sdk/src/socket.ts'
import { createSubscribe } from '../../sdk/src/subscription.ts'
import { askedToken } from '../../sdk/src/tokens.ts'
import { openScriptedDoor, type ScriptedDoor, type Subscriber } from './scripted-door.ts'
import { countOf, openSdkWorld, refusalOf } from './sdk-world.ts'

const TICKS = 'subscription Ticks { ticks { id } }'
const tick = (id: number, more: object = {}) => ({
  data: { ticks: { id } },
  extensions: { cursor: `cursor-${id}`, ...more },
})

type Line = (subscriber: Subscriber) => void

/** Tells one tick and then what ends it. */
const ticking =
  (id: number, end: Line = () => {}): Line =>
  (subscriber) => {
    subscriber.next(tick(id))
    end(subscriber)
  }

function openFeed(door: ScriptedDoor, options: SubscribeOptions = {}) {
  let tokens = 0
  const client = createDbsbm({
    url: 'http://platform.example/graphql',
    webSocketUrl: door.url,
    credentials: { accessToken: () => `token-${++tokens}` },
  })
  const states: FeedState[] = []
  const feed = client.subscribe<{ ticks: { id: number } }>(
    TICKS,
    {},
    { ...options, onState: (state) => void states.push(state) },
  )
  const ids = async (count: number) => {
    const read: unknown[] = []
    for (let taken = 0; taken < count; taken++) read.push((await feed.next()).value?.data.ticks.id)
    return read
  }
  return { ...{ feed, states, ids }, [Symbol.asyncDispose]: client.close }
}

const resumedFrom = ({ subscribers }: ScriptedDoor) =>
  subscribers.map(({ payload }) => payload.extensions.resume)

describe('a stream goes on after its last cursor', () => {
  test.each<[string, Line]>([
    ['4403 TOKEN_EXPIRED', ({ close }) => close(4403, 'TOKEN_EXPIRED')],
    ['1012', ({ close }) => close(1012, 'SERVICE_DRAINING')],
    ['1013', ({ close }) => close(1013)],
    [
      'its last word SUBSCRIPTION_NO_LONGER_VALID',
      ({ lastWord }) => lastWord('SUBSCRIPTION_NO_LONGER_VALID'),
    ],
    ['its last word PLANNING_TIMEOUT', ({ lastWord }) => lastWord('PLANNING_TIMEOUT')],
    [
      'its last word SUBSCRIPTION_INTERRUPTED',
      ({ lastWord }) => lastWord('SUBSCRIPTION_INTERRUPTED'),
    ],
  ])('when it ends by %s', async (_how, end) => {
    await using door = await openScriptedDoor([ticking(1, end), ticking(2)])
    await using followed = openFeed(door)
    expect(await followed.ids(2)).toEqual([1, 2])
    expect(resumedFrom(door)).toEqual([undefined, 'cursor-1'])
  })

  test('when it was told to wait, no sooner', async () => {
    const spent: Line = ({ lastWord }) => lastWord('BUDGET_EXHAUSTED', { retryAfter: 0.2 })
    await using door = await openScriptedDoor([ticking(1, spent), ticking(2)])
    await using followed = openFeed(door)
    expect(await followed.ids(1)).toEqual([1])
    const before = performance.now()
    expect(await followed.ids(1)).toEqual([2])
    expect(performance.now() - before).toBeGreaterThan(150)
    expect(followed.states.slice(0, 3)).toEqual(['connecting', 'live', 'waiting'])
    expect(followed.states.at(-1)).toBe('live')
  })

  test('with another token where its own was refused', async () => {
    const expired: Line = ({ close }) => close(4403, 'TOKEN_EXPIRED')
    await using door = await openScriptedDoor([ticking(1, expired), ticking(2)])
    await using followed = openFeed(door)
    expect(await followed.ids(2)).toEqual([1, 2])
    expect(new Set(door.introductions).size).toBe(2)
  })

  test('when its token was refused and identity cannot renew it for a while', async () => {
    const isStale = () => door.introductions.at(-1) === 'Bearer access-1'
    await using door = await openScriptedDoor([
      (subscriber) =>
        isStale() ? subscriber.close(4403, 'TOKEN_REVOKED') : subscriber.next(tick(1)),
    ])
    const authentication = (accessToken: string) => ({
      ...{ accessToken, refreshToken: `${accessToken}-refresh` },
      accessTokenExpiresAt: new Date(Date.now() + 300_000).toISOString(),
    })
    let refreshes = 0
    const errors = [{ message: 'No.', extensions: { code: 'SUBGRAPH_UNREACHABLE' } }]
    const credentials = { email: 'ada@acme.example', password: 'hers' }
    const options = { url: 'http://platform.example/graphql', webSocketUrl: door.url, credentials }
    await using client = openSdkWorld(options, ({ query }) => {
      if (query.includes('signIn(')) {
        return Response.json({ data: { signIn: authentication('access-1') } })
      }
      // Longer away than one renewal tries.
      if (++refreshes <= 4) return Response.json({ data: { refreshTokens: null }, errors })
      return Response.json({ data: { refreshTokens: authentication('access-2') } })
    })
    expect((await client.subscribe(TICKS).next()).value).toMatchObject({ cursor: 'cursor-1' })
    expect(countOf(client.sent, 'signIn(')).toBe(1)
  })

  test('when nobody is at the other end any more', async () => {
    await using door = await openScriptedDoor([
      ticking(1, ({ fallSilent }) => fallSilent()),
      ticking(2),
    ])
    const tokens = askedToken(() => null)
    const times = { pinging: 30, answering: 30 }
    const socket = createSocket({ url: door.url, webSocketImpl: undefined, tokens, times })
    const feed = createSubscribe({ socket, tokens }).open(TICKS)
    expect((await feed.next()).value?.cursor).toBe('cursor-1')
    expect((await feed.next()).value?.cursor).toBe('cursor-2')
    expect(resumedFrom(door)).toEqual([undefined, 'cursor-1'])
    await feed.return()
    await socket.close()
  })
})

describe('its reader hears of', () => {
  test.each<[string, Line, object]>([
    ['a refusal', ({ error }) => error('CURSOR_EXPIRED'), { code: 'CURSOR_EXPIRED' }],
    [
      'a hole',
      ({ lastWord }) => lastWord('EVENTS_MISSED', { from: 1, to: 2 }),
      { code: 'EVENTS_MISSED' },
    ],
    [
      'a document that does not fit',
      ({ error }) => error('GRAPHQL_VALIDATION_FAILED'),
      { code: 'GRAPHQL_VALIDATION_FAILED' },
    ],
    [
      'a plan that takes too long at once',
      ({ error }) => error('PLANNING_TIMEOUT'),
      { code: 'PLANNING_TIMEOUT' },
    ],
    [
      'too many subscriptions',
      ({ error }) => error('MAX_SUBSCRIPTIONS_LIMIT'),
      { code: 'MAX_SUBSCRIPTIONS_LIMIT' },
    ],
    ['a message that is too large', ({ close }) => close(1009), { code: 'CONNECTION_REFUSED' }],
    ['a bug of the platform', ({ close }) => close(4500), { code: 'CONNECTION_REFUSED' }],
  ])('%s, once', async (_what, end, failure) => {
    await using door = await openScriptedDoor([end])
    await using followed = openFeed(door)
    expect(await refusalOf(followed.feed.next())).toMatchObject(failure)
    expect(await followed.feed.next()).toEqual({ done: true, value: undefined })
    expect(door.subscribers).toHaveLength(1)
  })

  test('a token that is refused twice in a row', async () => {
    await using door = await openScriptedDoor([({ close }) => close(4403, 'TOKEN_INVALID')])
    await using followed = openFeed(door)
    expect(await refusalOf(followed.feed.next())).toMatchObject({ code: 'TOKEN_INVALID' })
    expect(door.introductions).toHaveLength(2)
  })

  test('an API that changed twice before anything came', async () => {
    await using door = await openScriptedDoor([
      ({ lastWord }) => lastWord('SUBSCRIPTION_NO_LONGER_VALID'),
    ])
    await using followed = openFeed(door)
    const refusal = await refusalOf(followed.feed.next())
    expect(refusal).toMatchObject({ code: 'SUBSCRIPTION_NO_LONGER_VALID' })
    expect(door.subscribers).toHaveLength(2)
  })

  test('the end of a stream that is over', async () => {
    await using door = await openScriptedDoor([ticking(1, ({ complete }) => complete())])
    await using followed = openFeed(door)
    expect(await followed.ids(1)).toEqual([1])
    expect(await followed.feed.next()).toEqual({ done: true, value: undefined })
  })

  test('an event of which a part failed, unless they take parts', async () => {
    const errors = [
      { message: 'No.', path: ['ticks', 'name'], extensions: { code: 'SUBGRAPH_TIMEOUT' } },
    ]
    const lines: Line[] = [({ next }) => next({ ...tick(1), errors })]
    await using door = await openScriptedDoor(lines)
    await using whole = openFeed(door)
    expect(await refusalOf(whole.feed.next())).toMatchObject({ code: 'SUBGRAPH_TIMEOUT' })
    await using parts = openFeed(door, { partial: true })
    expect((await parts.feed.next()).value).toMatchObject({
      ...{ data: { ticks: { id: 1 } }, cursor: 'cursor-1' },
      failure: { code: 'SUBGRAPH_TIMEOUT', path: ['ticks', 'name'] },
    })
  })

  test('what stands for others, and what may be missing', async () => {
    const cut: Line = ({ close }) => close(1012)
    const bare: Line = ({ next }) => next({ data: { ticks: { id: 1 } } })
    const lines: Line[] = [cut, bare, ({ next }) => next(tick(2, { conflated: true }))]
    await using door = await openScriptedDoor(lines)
    await using followed = openFeed(door)
    // Cut before any cursor came: what happened meanwhile nobody knows.
    expect((await followed.feed.next()).value).toMatchObject({ cursor: null, recovered: false })
    await using other = openFeed(door)
    expect((await other.feed.next()).value).toMatchObject({ cursor: 'cursor-2', conflated: true })
  })

  test('events that came faster than they are read, where nothing leads back to them', async () => {
    const flood: Line = ({ next }) => {
      for (let id = 1; id <= 10; id++) next({ data: { ticks: { id } } })
    }
    await using door = await openScriptedDoor([flood])
    await using followed = openFeed(door, { bufferSize: 4 })
    expect(await followed.ids(5)).toEqual([1, 2, 3, 4, 5])
    expect(await refusalOf(followed.feed.next())).toMatchObject({ code: 'LISTENER_TOO_SLOW' })
  })
})

test('no more waits for a slow reader than has room, and the rest is asked for when there is', async () => {
  const all =
    (first: number): Line =>
    ({ next }) => {
      for (let id = first; id < first + 100; id++) next(tick(id))
    }
  const onwards: Line = (subscriber) => {
    const { resume } = subscriber.payload.extensions
    all(resume === undefined ? 1 : Number(String(resume).split('-')[1]) + 1)(subscriber)
  }
  await using door = await openScriptedDoor([onwards])
  await using followed = openFeed(door, { bufferSize: 10 })
  expect(await followed.ids(60)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  expect(followed.states).toContain('paused')
})
