import { expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { emptyMariadb } from '../kit/database.ts'
import { openAnalytics, seasonFeed } from '../subgraphs/analytics/analytics-kit.ts'
import { realFile } from '../subgraphs/analytics/feeds/feeds-kit.ts'
import {
  changesInFile,
  changesStored,
  countTo,
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
