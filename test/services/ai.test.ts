import { expect, test } from 'vitest'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { AiModel } from '#subgraphs/ai/entities/ai-model.ts'
import { emptyMariadb } from '../kit/database.ts'
import { openAi } from '../subgraphs/ai/ai-kit.ts'
import { storedOnce } from '../subgraphs/ai/prediction-suite.ts'
import { scorecardByHand, scoredByVersion } from '../subgraphs/ai/scoring-suite.ts'

test('MariaDB: the migrations bring an empty database to its entities', async () => {
  await using empty = await emptyMariadb()
  await using world = await openAi({ databaseUrl: empty.url })
  expect(await schemaDrift(world.database)).toEqual([])
})

test('MariaDB: twenty who ask at once are shown one prediction, stored once', async () => {
  await using empty = await emptyMariadb()
  await using world = await openAi({ databaseUrl: empty.url })
  await storedOnce(world)
})

test('MariaDB: predictions are scored by the newest version of a result, by two processes at once', async () => {
  await using empty = await emptyMariadb()
  await using world = await openAi({ databaseUrl: empty.url })
  await using other = await openAi({ databaseUrl: empty.url, analyticsFetch: world.odds.fetch })
  await other.service.start()
  await scoredByVersion(world)
})

test('MariaDB: the scorecard is what a second calculation says', async () => {
  await using empty = await emptyMariadb()
  await using world = await openAi({ databaseUrl: empty.url })
  await scorecardByHand(world)
})

test('MariaDB: processes that start at once register the model once', async () => {
  await using empty = await emptyMariadb()
  await using first = await openAi({ databaseUrl: empty.url })
  await using second = await openAi({ databaseUrl: empty.url })
  const query = '{ aiModels { edges { node { id } } } }'
  const answers = await Promise.all([first, second].map(({ ask }) => ask('analyst', query)))
  expect(answers.flatMap(({ codes }) => codes)).toEqual([])
  expect(await first.database.acrossTenants().count(AiModel, {})).toBe(1)
})
