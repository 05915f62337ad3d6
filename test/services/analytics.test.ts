import { expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createManualClock } from '#kernel/clock.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { KERNEL_ENTITIES } from '#kernel/service/kernel-entities.ts'
import { FEED_LEASE_MS } from '#subgraphs/analytics/services/feed-leases.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { waitFor } from '../kernel/jobs/job-kit.ts'
import { emptyMariadb, openMariadbTwice } from '../kit/database.ts'
import { openAnalytics, seasonFeed } from '../subgraphs/analytics/analytics-kit.ts'
import { GAME, quoteOf, startProcess } from '../subgraphs/analytics/feed-processes.ts'
import { realFile } from '../subgraphs/analytics/feeds/feeds-kit.ts'
import {
  changesInFile,
  changesStored,
  countTo,
  runOf,
  toldOdds,
} from '../subgraphs/analytics/ingestion-kit.ts'

test('MariaDB: the migrations bring an empty database to its entities', async () => {
  await using empty = await emptyMariadb()
  await using world = await openAnalytics({ databaseUrl: empty.url })
  expect(await schemaDrift(world.database)).toEqual([])
})

test('MariaDB: a season is stored once, and told without a hole', {
  timeout: 120_000,
}, async () => {
  const path = realFile('matches_0910_2324.csv.gz')
  await using empty = await emptyMariadb()
  await using world = await openAnalytics({ databaseUrl: empty.url, oddsFeed: seasonFeed(path) })
  await world.play()
  const expected = changesInFile(path, 'E0', '2324')
  expect(await changesStored(world.database)).toEqual(expected)
  expect((await toldOdds(world.database)).sequences).toEqual(countTo(expected.length))
})

test('MariaDB: twenty follows of one competition at once are one follow, audited once', async () => {
  await using empty = await emptyMariadb()
  await using world = await openAnalytics({ databaseUrl: empty.url })
  const mutation = 'mutation { followCompetition(input: { competition: "E0" }) { id } }'
  const answers = await Promise.all(countTo(20).map(() => world.ask('acmeAdmin', mutation)))
  expect(answers.flatMap(({ codes }) => codes)).toEqual([])
  expect(new Set(answers.map(({ data }) => data.followCompetition.id)).size).toBe(1)
  expect(await world.database.acrossTenants().count(OutboxRow, {})).toBe(1)
})

test('MariaDB: one process asks a provider; killed, it is followed within its lease; stopped, at once', async () => {
  await using twice = await openMariadbTwice([...analytics.entities, ...KERNEL_ENTITIES])
  const { left, right } = twice
  const clock = createManualClock(new Date('2026-08-15T12:00:00.000Z'))
  const positionIs = (position: number) => async () => (await runOf(right)).position === position
  await using killed = startProcess({ database: left, clock })
  killed.tell(GAME, quoteOf(2_000))
  await waitFor(async () => killed.asked() === 1 && (await positionIs(2)()))
  await using next = startProcess({ database: right, clock })
  await waitFor(() => next.standsBy() === 1)
  killed.freeze()
  const looks = next.looks()
  clock.advance(FEED_LEASE_MS - 1)
  await waitFor(() => next.looks() >= looks + 3)
  expect(next.asked()).toBe(0)
  clock.advance(1)
  await waitFor(() => next.asked() === 1)
  next.tell(quoteOf(2_100))
  await waitFor(positionIs(3))
  // What it had read when it was frozen: the tick that the other one took in.
  killed.tell(quoteOf(2_100))
  await waitFor(() => killed.standsBy() === 1)
  await next.stop()
  expect(await runOf(right)).toMatchObject({ status: 'stopped', leaseUntil: null })
  killed.thaw()
  await waitFor(() => killed.asked() === 2)
  killed.tell(quoteOf(2_200))
  await waitFor(positionIs(4))
  expect(await changesStored(right)).toEqual([
    'A-B/match_result/home/house 2000>2100',
    'A-B/match_result/home/house 2100>2200',
    'A-B/match_result/home/house null>2000',
  ])
})
