import { expect, test } from 'vitest'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { systemClock } from '#kernel/clock.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import type { FeedEvent, FeedSource } from '#subgraphs/analytics/services/feeds/feed.ts'
import { createSeasonFileSource } from '#subgraphs/analytics/services/feeds/season-file.ts'
import { systemSleep } from '#subgraphs/analytics/services/feeds/sleep.ts'
import { createFeedMemory } from '#subgraphs/analytics/services/ingestion/feed-memory.ts'
import { storeBatch } from '#subgraphs/analytics/services/ingestion/store-batch.ts'
import { createOddsFeed } from '#subgraphs/analytics/services/odds-feed.ts'
import { waitFor } from '../../kernel/jobs/job-kit.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { openAnalytics, type World } from './analytics-kit.ts'
import { startProcess } from './feed-processes.ts'
import { realFile } from './feeds/feeds-kit.ts'
import {
  changesInFile,
  changesStored,
  countTo,
  runOf,
  toldOdds,
  typesTold,
} from './ingestion-kit.ts'

const SEASONS = realFile('matches_0910_2324.csv.gz')

/** One process that takes a source in, on the world's database. */
function startFeed(world: World, source: FeedSource) {
  const logged: string[] = []
  const log = createLog({
    level: 'warn',
    name: 'test',
    destination: { write: (line) => void logged.push(line) },
  })
  const { database } = world
  const front = createRingFront()
  const shared = { database, clock: systemClock, log }
  const events = createEvents({
    ...shared,
    front,
    randomness: systemRandomness,
    cursors: TEST_CURSORS,
  })
  const feeds = [{ source, identify: source.identify, play: () => source }]
  const outbox = createOutbox({ clock: systemClock, randomness: systemRandomness })
  const deps = {
    ...shared,
    events,
    outbox,
    feeds,
    sleep: systemSleep,
    randomness: systemRandomness,
  }
  const running = createOddsFeed(deps).start()
  return { ...running, events, outbox, logged, close: () => events.close() }
}

const at = new Date('2026-01-01T00:00:00Z')
const key = { source: 'scripted', externalId: 'one' }
const opened = {
  kind: 'fixture',
  fixture: { ...key, competition: 'E0', season: null, home: 'A', away: 'B', startsAt: at },
  at,
} as const
const quoted = (odds: number, fixture = key) =>
  ({
    kind: 'quote',
    fixture,
    market: { type: 'match_result', line: null },
    selection: 'home',
    side: 'back',
    source: 'house',
    odds,
    at,
  }) as const

/** A source that tells these events; `fail` is asked before each. */
function scripted(
  drafts: readonly object[],
  fail: (position: number) => void = () => {},
): FeedSource {
  return {
    ...{ name: 'scripted', isSimulated: false, isEndless: false, timing: 'live' },
    identify: async () => 'scripted',
    events: async function* ({ after = 0 }) {
      for (const [index, draft] of drafts.entries()) {
        const position = index + 1
        if (position <= after) continue
        fail(position)
        yield { ...draft, position } as FeedEvent
      }
    },
  }
}

test('two processes on one feed store it once between them', { timeout: 60_000 }, async () => {
  await using world = await openAnalytics()
  const season = () => createSeasonFileSource({ path: SEASONS, leagues: ['E0'], seasons: ['2324'] })
  const [left, right] = [startFeed(world, season()), startFeed(world, season())]
  await Promise.all([left.ended, right.ended])
  const expected = changesInFile(SEASONS, 'E0', '2324')
  expect(await changesStored(world.database)).toEqual(expected)
  expect((await toldOdds(world.database)).sequences).toEqual(countTo(expected.length))
  expect(await runOf(world.database)).toMatchObject({ position: 6_460, changes: 5_666 })
  await Promise.all([left.close(), right.close()])
})

test('a batch after a position that another process moved on answers FEED_TAKEN and stores nothing', async () => {
  await using world = await openAnalytics()
  const feed = startFeed(world, scripted([opened, quoted(2_000)]))
  await feed.ended
  const facts = { timing: 'stated', isReplayed: false, isSimulated: false } as const
  const intake = { runId: '1', position: 1, facts, memory: createFeedMemory() }
  const batch = [{ ...quoted(2_500), position: 2 }]
  const { database } = world
  const { events, outbox } = feed
  const storing = storeBatch({ database, events, outbox, clock: systemClock }, intake, batch)
  await expect(storing).rejects.toMatchObject({ code: 'FEED_TAKEN' })
  expect(await changesStored(database)).toEqual(['A-B/match_result/home/house null>2000'])
  await feed.close()
})

test('a provider is not asked any more once its feed is paused, however quiet it is', async () => {
  await using world = await openAnalytics()
  await using feed = startProcess({ database: world.database, clock: systemClock })
  await waitFor(() => feed.asked() === 1)
  const change = (name: string) =>
    world.ask('operator', `mutation { ${name}(input: { feedId: "1" }) { isPaused } }`)
  await change('pauseFeed')
  await waitFor(() => feed.standsBy() === 1)
  expect(feed.asked()).toBe(1)
  await change('resumeFeed')
  await waitFor(() => feed.asked() === 2)
})

test('a feed that fails is tried again where it was, and its trouble is shown and logged', async () => {
  await using world = await openAnalytics()
  const failures = [new TypeError('broken'), new RangeError('broken again')]
  const drafts = [opened, quoted(2_000), quoted(2_100), quoted(2_100), quoted(2_000)]
  const source = scripted(drafts, (position) => {
    const failure = position === 4 ? failures.shift() : undefined
    if (failure) throw failure
  })
  const feed = startFeed(world, source)
  await feed.ended
  expect(feed.logged).toHaveLength(2)
  const { data } = await world.ask(
    'operator',
    '{ feeds { status position changes lastErrorCode } oddsQuotes(orderBy: [{ field: AT, direction: ASC }]) { edges { node { previousOdds odds } } } }',
  )
  expect(data.feeds).toEqual([
    { status: 'FINISHED', position: '5', changes: '3', lastErrorCode: 'RangeError' },
  ])
  expect(data.oddsQuotes.edges.map(({ node }: { node: object }) => node)).toEqual([
    { previousOdds: null, odds: 2_000 },
    { previousOdds: 2_000, odds: 2_100 },
    { previousOdds: 2_100, odds: 2_000 },
  ])
  await feed.close()
})

test('a price of a fixture that nobody told of is rejected, not lost silently', async () => {
  await using world = await openAnalytics()
  const stray = quoted(3_000, { source: 'scripted', externalId: 'nobody' })
  const feed = startFeed(world, scripted([opened, stray, quoted(2_000)]))
  await feed.ended
  const { data } = await world.ask(
    'operator',
    '{ feeds { changes rejections { edges { node { code reason } } } } }',
  )
  expect(data.feeds).toEqual([
    {
      changes: '1',
      rejections: { edges: [{ node: { code: 'FEED_ROW_INVALID', reason: 'fixture' } }] },
    },
  ])
  await feed.close()
})

test('of many rejections the newest thousand are kept, and all are counted', async () => {
  await using world = await openAnalytics()
  const rejected = (line: number) => ({
    kind: 'rejected',
    source: 'scripted',
    code: 'FEED_ROW_INVALID',
    line,
    reason: 'odds',
    at,
  })
  const feed = startFeed(world, scripted(countTo(1_250).map(rejected)))
  await feed.ended
  const { data } = await world.ask(
    'operator',
    '{ feeds { rejected rejections(first: 1) { edges { node { line } } } } }',
  )
  expect(data.feeds).toEqual([
    { rejected: '1250', rejections: { edges: [{ node: { line: 251 } }] } },
  ])
  await feed.close()
})

test('a kick-off that moves is news, the same news twice is not, and with a result no game moves', async () => {
  await using world = await openAnalytics()
  const later = new Date('2026-01-02T00:00:00Z')
  const moved = { ...opened, fixture: { ...opened.fixture, startsAt: later } }
  const result = { kind: 'result', fixture: key, homeGoals: 1, awayGoals: 0, at }
  const drafts = [opened, opened, moved, moved, result, result, opened]
  const feed = startFeed(world, scripted(drafts))
  await feed.ended
  expect(await typesTold(world.database, 'fixtures')).toEqual(['opened', 'moved', 'finished'])
  const { data } = await world.ask(
    'operator',
    '{ fixtures { edges { node { startsAt status score { home } } } } }',
  )
  expect(data.fixtures.edges).toEqual([
    { node: { startsAt: later.toISOString(), status: 'FINISHED', score: { home: 1 } } },
  ])
  await feed.close()
})
