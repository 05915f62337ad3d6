import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { openFeeds } from '#subgraphs/analytics/services/feed-sources.ts'
import { systemSleep } from '#subgraphs/analytics/services/feeds/sleep.ts'
import { seasonFeed, seasonFile } from './analytics-kit.ts'
import { ofKind, take, temporaryFile } from './feeds/feeds-kit.ts'

const anchor = new Date('2026-03-01T12:00:00Z')
const deps = { clock: createManualClock(new Date('2100-01-01T00:00:00Z')), sleep: systemSleep }
const provider = {
  kind: 'http',
  url: 'https://odds.example',
  key: 'secret',
  sports: ['soccer_epl', 'soccer_germany_bundesliga'],
  regions: ['eu'],
  intervalSeconds: 60,
} as const

test('no feed is configured, or one per sport of a provider, each with an identity of its own', async () => {
  expect(openFeeds({ kind: 'none' }, deps)).toEqual([])
  const feeds = openFeeds(provider, deps)
  const identities = await Promise.all(feeds.map(({ identify }) => identify()))
  expect(new Set(identities).size).toBe(2)
  expect(identities.join()).not.toContain('secret')
})

test('an identity fits its column however long the address is, and still tells feeds apart', async () => {
  const url = `https://odds.example/${'long/'.repeat(60)}`
  const identities = await Promise.all(
    openFeeds({ ...provider, url }, deps).map(({ identify }) => identify()),
  )
  expect(new Set(identities).size).toBe(2)
  expect(Math.max(...identities.map(({ length }) => length))).toBeLessThanOrEqual(191)
})

test('a sport that is no key answers FEED_SETTING_INVALID at once', () => {
  expect(() => openFeeds({ ...provider, sports: ['../admin'] }, deps)).toThrow(
    expect.objectContaining({ code: 'FEED_SETTING_INVALID' }),
  )
})

test('a replay lands on its anchor, under an identity that changes with its speed', async () => {
  await using file = await temporaryFile(seasonFile([{ home: 'A', away: 'B', open_h: 2 }]))
  const [slow] = openFeeds(seasonFeed(file.path, 60), deps)
  const [fast] = openFeeds(seasonFeed(file.path, 120), deps)
  expect(await slow?.identify()).not.toBe(await fast?.identify())
  const [first] = slow ? await take(slow.play(anchor)) : []
  expect(first?.at).toEqual(anchor)
})

test('the same text of a seed gives the same simulation, another text another', async () => {
  const identityOf = async (seed: string) =>
    openFeeds({ kind: 'simulator', seed, intervalSeconds: 1 }, deps)[0]?.identify()
  expect(await identityOf('demo')).toBe(await identityOf('demo'))
  expect(await identityOf('demo')).not.toBe(await identityOf('other'))
})

test('two simulations take turns: something is open to bets at any time, and no club plays twice at once', async () => {
  const begun = createManualClock(new Date('2026-01-01T00:00:00Z'))
  const feeds = openFeeds(
    { kind: 'simulator', seed: 'demo', intervalSeconds: 1 },
    { ...deps, clock: begun },
  )
  const told = await Promise.all(feeds.map(({ source }) => take(source, { most: 10_000 })))
  const sides = told.map((events) => ofKind(events, 'fixture'))
  const open = sides.flat().map(({ fixture, at }) => ({
    from: at?.getTime() ?? 0,
    until: fixture.startsAt.getTime(),
  }))
  let covered = Math.min(...open.map(({ from }) => from))
  for (const { from, until } of open.toSorted((left, right) => left.from - right.from)) {
    expect(from).toBeLessThanOrEqual(covered)
    covered = Math.max(covered, until)
  }
  const [clubs, others] = sides.map(
    (side) => new Set(side.flatMap(({ fixture }) => [fixture.home, fixture.away])),
  )
  expect(clubs?.intersection(others ?? new Set())).toEqual(new Set())
  expect(open.length).toBeGreaterThan(30)
})
