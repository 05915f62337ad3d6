import { expect, test } from 'vitest'
import { AiPrediction } from '#subgraphs/ai/entities/ai-prediction.ts'
import { emptyMariadb } from '../kit/database.ts'
import { openAi, until } from '../subgraphs/ai/ai-kit.ts'

test('MariaDB: two processes predict what becomes known before anybody asks, once', async () => {
  await using empty = await emptyMariadb()
  const options = { databaseUrl: empty.url, isAhead: true }
  await using first = await openAi(options)
  await using second = await openAi({ ...options, analyticsFetch: first.odds.fetch })
  await Promise.all([first.service.start(), second.service.start()])
  const ids: string[] = []
  for (const away of ['Chelsea', 'Everton', 'Fulham', 'Liverpool', 'Tottenham']) {
    ids.push(await first.play(away, { home: 'Arsenal', away }))
  }
  const stored = () => first.database.acrossTenants().find(AiPrediction, {})
  await until(async () => (await stored()).length >= ids.length)
  const looks = () => first.asked.filter((body) => body.includes('UpcomingFixtures')).length
  const before = looks()
  await until(async () => looks() >= before + 3)
  expect((await stored()).map(({ fixtureId }) => fixtureId).toSorted()).toEqual(ids.toSorted())
})
