import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { overround } from '#subgraphs/analytics/services/consensus.ts'
import {
  createSimulator,
  type SimulatorSettings,
} from '#subgraphs/analytics/services/feeds/simulator.ts'
import { ofKind, take } from './feeds-kit.ts'

const START = new Date('2026-01-01T00:00:00Z')
const plain: SimulatorSettings = { seed: 7, startsAt: START, requotes: 3, rounds: 2 }
const simulator = (changes: Partial<SimulatorSettings> = {}) =>
  createSimulator({ ...plain, ...changes })
const EVENTS_PER_ROUND = 4 * (1 + 28 * (1 + 3) + 1)

test('it says what it is, in its own name and in every bookmaker and competition', async () => {
  const source = simulator()
  expect(source).toMatchObject({ name: 'simulator', isSimulated: true, timing: 'simulated' })
  const events = await take(source)
  for (const { source } of ofKind(events, 'quote')) expect(source).toMatch(/^simulated-/)
  for (const { fixture } of ofKind(events, 'fixture')) {
    expect(fixture.competition).toBe('Simulated League')
  }
})

test('the same seed tells the same story, and another seed another one', async () => {
  const story = await take(simulator())
  expect(story).toHaveLength(2 * EVENTS_PER_ROUND)
  expect(await take(simulator())).toEqual(story)
  expect(await take(simulator({ seed: 8 }))).not.toEqual(story)
})

test('a story resumed after any position is the rest of the same story', async () => {
  const story = await take(simulator())
  const after = fc.integer({ min: 0, max: story.length + 3 })
  await fc.assert(
    fc.asyncProperty(after, async (position) => {
      expect(await take(simulator(), { after: position })).toEqual(story.slice(position))
    }),
    { numRuns: 30 },
  )
})

test('a resume a thousand million events ahead costs no more than one round', async () => {
  const [event] = await take(simulator({ rounds: null }), { after: 1_000_000_000, most: 1 })
  expect(event?.position).toBe(1_000_000_001)
})

test('positions are dense, times never go back, and each fixture opens, is priced and ends', async () => {
  const events = await take(simulator())
  expect(events.map(({ position }) => position)).toEqual(events.map((_event, index) => index + 1))
  const times = events.map(({ at }) => at?.getTime() ?? 0)
  expect(times).toEqual(times.toSorted((left, right) => left - right))
  const keys = ofKind(events, 'fixture').map(({ fixture }) => fixture.externalId)
  expect(new Set(keys).size).toBe(8)
  expect(ofKind(events, 'result').map(({ fixture }) => fixture.externalId)).toEqual(keys)
  for (const { fixture } of ofKind(events, 'fixture')) {
    const quotes = ofKind(events, 'quote').filter(
      (q) => q.fixture.externalId === fixture.externalId,
    )
    expect(quotes).toHaveLength(28 * 4)
    expect(quotes.every(({ at }) => at < fixture.startsAt)).toBe(true)
  }
})

test('every bookmaker keeps a margin on every market, and a lay costs more than its back', async () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const quotes = ofKind(await take(simulator({ seed, rounds: 1 })), 'quote')
      for (let index = 0; index < quotes.length; ) {
        const source = quotes[index]?.source
        const isExchange = source === 'simulated-exchange'
        const book = quotes.slice(index, index + (isExchange ? 14 : 7))
        index += book.length
        expect(book.every((quote) => quote.source === source)).toBe(true)
        const backs = book.filter(({ side }) => side === 'back').map(({ odds }) => odds)
        const lays = book.filter(({ side }) => side === 'lay').map(({ odds }) => odds)
        for (const market of [backs.slice(0, 3), backs.slice(3, 5), backs.slice(5)]) {
          expect(overround(market)).toBeGreaterThan(0)
          expect(overround(market)).toBeLessThan(0.15)
        }
        for (const [place, lay] of lays.entries()) expect(lay).toBeGreaterThan(backs[place] ?? 0)
      }
    }),
    { numRuns: 15 },
  )
})

test('prices really move', async () => {
  const quotes = ofKind(await take(simulator({ requotes: 12, rounds: 1 })), 'quote')
  const first = quotes[0]
  const same = quotes.filter(
    (quote) =>
      quote.fixture.externalId === first?.fixture.externalId &&
      quote.source === first?.source &&
      quote.market.type === 'match_result' &&
      quote.selection === 'home',
  )
  expect(new Set(same.map(({ odds }) => odds)).size).toBeGreaterThan(3)
})

test('results follow the prices: favourites win about as often as their odds say', async () => {
  const events = await take(simulator({ matches: 6, requotes: 1, rounds: 300 }))
  const last = new Map<string, number>()
  for (const quote of ofKind(events, 'quote')) {
    if (quote.source !== 'simulated-exchange' || quote.side !== 'back') continue
    if (quote.selection === 'home') last.set(quote.fixture.externalId, 1000 / quote.odds)
  }
  const results = ofKind(events, 'result')
  const expected = results.reduce(
    (sum, { fixture }) => sum + (last.get(fixture.externalId) ?? 0),
    0,
  )
  const won = results.filter(({ homeGoals, awayGoals }) => homeGoals > awayGoals).length
  expect(results).toHaveLength(1800)
  // four standard errors of 1,800 matches
  expect(Math.abs(won - expected) / 1800).toBeLessThan(0.05)
})

test('a demo that slept finishes its round, leaves missed rounds out and goes on in the one of now', async () => {
  const clock = createManualClock(START)
  const roundMs = (4 * 3 * 3 + 6) * 2000
  const source = simulator({ rounds: null, skipPast: clock })
  clock.set(new Date(START.getTime() + 10.5 * roundMs))
  const events = await take(source, { after: EVENTS_PER_ROUND - 2, most: 3 })
  expect(events.map(({ position }) => position)).toEqual([
    EVENTS_PER_ROUND - 1,
    EVENTS_PER_ROUND,
    10 * EVENTS_PER_ROUND + 1,
  ])
  const [fresh] = await take(source, { after: EVENTS_PER_ROUND, most: 1 })
  expect(fresh?.position).toBe(10 * EVENTS_PER_ROUND + 1)
})

test('an aborted signal ends an endless simulation', async () => {
  const stop = new AbortController()
  const source = simulator({ rounds: null })
  let taken = 0
  for await (const _event of source.events({ signal: stop.signal })) {
    taken += 1
    if (taken === 1000) stop.abort()
  }
  expect(source.isEndless).toBe(true)
  expect(taken).toBe(1000)
})

test.each<[string, Partial<SimulatorSettings>]>([
  ['seed', { seed: -1 }],
  ['seed', { seed: 0.5 }],
  ['tickMs', { tickMs: 0 }],
  ['matches', { matches: 7 }],
  ['requotes', { requotes: 0 }],
  ['rounds', { rounds: 0 }],
  ['startsAt', { startsAt: new Date(Number.NaN) }],
])('a %s out of bounds answers FEED_SETTING_INVALID', (setting, changes) => {
  expect(() => simulator(changes)).toThrow(
    expect.objectContaining({ extensions: { setting, code: 'FEED_SETTING_INVALID' } }),
  )
})
