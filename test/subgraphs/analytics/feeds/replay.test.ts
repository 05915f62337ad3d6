import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { paced, replay, retimed } from '#subgraphs/analytics/services/feeds/replay.ts'
import { createSeasonFileSource } from '#subgraphs/analytics/services/feeds/season-file.ts'
import { createSimulator } from '#subgraphs/analytics/services/feeds/simulator.ts'
import { systemSleep } from '#subgraphs/analytics/services/feeds/sleep.ts'
import { createTimeline } from '#subgraphs/analytics/services/feeds/timeline.ts'
import { manualTime, ofKind, realFile, take } from './feeds-kit.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const HOUR = 3_600_000
const season = () =>
  createSeasonFileSource({
    path: realFile('matches_0910_2324.csv.gz'),
    leagues: ['E0'],
    seasons: ['2023-24'],
  })
const asReplay = { anchor: NOW, speed: 3600, maxGapMs: HOUR }
const at = (milliseconds: number) => new Date(milliseconds)

test('gaps longer than the longest are cut, shorter ones keep their length, and speed divides both', () => {
  const timeline = createTimeline([0, 1_000, 101_000], {
    anchor: at(5_000),
    speed: 2,
    maxGapMs: 4_000,
  })
  expect(
    [0, 500, 1_000, 51_000, 101_000, 102_000, -1_000].map((time) => +timeline(at(time))),
  ).toEqual([5_000, 5_250, 5_500, 6_500, 7_500, 8_000, 4_500])
})

test('a time line without instants, or without cuts, only moves and scales', () => {
  const straight = createTimeline([100], { anchor: NOW, speed: 10, maxGapMs: null })
  expect(+straight(at(1_100))).toBe(+NOW + 100)
  expect(+createTimeline([], asReplay)(at(77))).toBe(+NOW)
})

test('no time line turns the order of two instants around, and the first instant lands on the anchor', () => {
  const instants = fc.array(fc.integer({ min: 0, max: 10 ** 12 }), { minLength: 1, maxLength: 40 })
  const settings = fc.record({
    anchor: fc.constant(NOW),
    speed: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
    maxGapMs: fc.option(fc.integer({ min: 1, max: 10 ** 9 })),
  })
  const probes = fc.array(fc.integer({ min: 0, max: 10 ** 12 }), { maxLength: 40 })
  fc.assert(
    fc.property(instants, settings, probes, (events, chosen, others) => {
      const timeline = createTimeline(events, chosen)
      expect(timeline(at(Math.min(...events)))).toEqual(NOW)
      const sorted = [...events, ...others].toSorted((left, right) => left - right)
      const mapped = sorted.map((time) => timeline(at(time)).getTime())
      expect(mapped).toEqual(mapped.toSorted((left, right) => left - right))
      const again = createTimeline(events.toReversed(), chosen)
      expect(sorted.map((time) => again(at(time)).getTime())).toEqual(mapped)
    }),
  )
})

test.each([
  ['speed', { speed: 0 }],
  ['speed', { speed: Number.NaN }],
  ['speed', { speed: Number.POSITIVE_INFINITY }],
  ['maxGapMs', { maxGapMs: 0 }],
  ['anchor', { anchor: at(Number.NaN) }],
])('a %s that makes no sense answers FEED_SETTING_INVALID', (setting, changes) => {
  expect(() => retimed(season(), { ...asReplay, ...changes })).toThrow(
    expect.objectContaining({ extensions: { setting, code: 'FEED_SETTING_INVALID' } }),
  )
})

test('a season is told in its order from now on, with kick-offs between closing prices and result', async () => {
  const original = await take(season())
  const events = await take(retimed(season(), asReplay))
  expect(events.map(({ kind, position }) => [kind, position])).toEqual(
    original.map(({ kind, position }) => [kind, position]),
  )
  expect(events[0]?.at).toEqual(NOW)
  const kickOffs = new Map(
    ofKind(events, 'fixture').map((e) => [e.fixture.externalId, e.fixture.startsAt]),
  )
  const kickOffOf = (externalId: string) => kickOffs.get(externalId)?.getTime() ?? Number.NaN
  for (const { fixture, at: time } of ofKind(events, 'quote')) {
    expect(time.getTime()).toBeLessThanOrEqual(kickOffOf(fixture.externalId))
  }
  for (const { fixture, at: time } of ofKind(events, 'result')) {
    expect(time.getTime()).toBeGreaterThan(kickOffOf(fixture.externalId))
  }
})

test('cutting idle time to a minute plays 284 days in 7 seconds where the uncut replay takes 1.9 hours', async () => {
  const secondsOf = async (maxGapMs: number | null) => {
    const last = (await take(retimed(season(), { ...asReplay, maxGapMs }))).at(-1)
    return Math.round(((last?.at?.getTime() ?? 0) - NOW.getTime()) / 1000)
  }
  expect(await secondsOf(60_000)).toBe(7)
  expect(await secondsOf(null)).toBe(6842)
})

test('each event is told when its time has come and never before, waiting on no real clock', async () => {
  const time = manualTime(NOW)
  const source = replay(season(), { ...asReplay, ...time })
  let told = 0
  for await (const event of source.events({ signal: new AbortController().signal })) {
    expect(event.at?.getTime()).toBeLessThanOrEqual(time.clock.now().getTime())
    told += 1
  }
  expect(told).toBe(380 + 5700 + 380)
  expect(time.slept.length).toBeGreaterThan(100)
})

test('a replay cut off anywhere and resumed tells the same events at the same times', async () => {
  const whole = await take(retimed(season(), asReplay))
  for (const after of [1, 1_234, 6_000]) {
    const time = manualTime(NOW)
    const source = replay(season(), { ...asReplay, ...time })
    const before = await take(source, { most: after })
    const rest = await take(source, { after: before.at(-1)?.position ?? 0 })
    expect([...before, ...rest]).toEqual(whole)
  }
})

test('a replay that was down catches up at once and then keeps its times', async () => {
  const whole = await take(retimed(season(), asReplay))
  const middle = whole[3_000]?.at ?? NOW
  const time = manualTime(middle)
  const source = replay(season(), { ...asReplay, ...time })
  const overdue = whole.filter((event) => event.at && event.at <= middle).length
  await take(source, { after: 100, most: overdue - 100 })
  expect(time.slept).toEqual([])
})

test('an endless source may be moved and sped up, but its gaps cannot be cut', async () => {
  const endless = createSimulator({ seed: 1, startsAt: at(0) })
  expect(() => retimed(endless, asReplay)).toThrow(
    expect.objectContaining({ code: 'FEED_SETTING_INVALID' }),
  )
  const moved = retimed(endless, { ...asReplay, speed: 2, maxGapMs: null })
  expect(moved).toMatchObject({ name: 'simulator', isSimulated: true, timing: 'replayed' })
  const events = await take(moved, { most: 200 })
  expect(events[0]?.at).toEqual(NOW)
  expect(events.at(-1)?.at?.getTime()).toBeGreaterThan(NOW.getTime())
})

test('an abort while waiting ends the replay on a real timer at once', async () => {
  const stop = new AbortController()
  const farAway = new Date(Date.now() + 100 * 24 * HOUR)
  const source = paced(createSimulator({ seed: 1, startsAt: farAway }), {
    clock: systemClock,
    sleep: async (milliseconds, signal) => {
      const sleeping = systemSleep(milliseconds, signal)
      stop.abort()
      await sleeping
    },
  })
  expect(await take(source, { signal: stop.signal })).toEqual([])
})

test('a sleep of no time ends, and one under an aborted signal does not begin', async () => {
  await systemSleep(-5, new AbortController().signal)
  await systemSleep(HOUR, AbortSignal.abort())
})
