import { expect, test } from 'vitest'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { Fixture } from '#subgraphs/analytics/entities/fixture.ts'
import { openBetting } from './kit/betting-kit.ts'
import { game } from './kit/scripted-feed.ts'

test('SQLite: the migrations bring an empty database to its entities', async () => {
  await using world = await openBetting()
  expect(await schemaDrift(world.database)).toEqual([])
})

test('a fixture of which no result is known has none to settle by', async () => {
  await using world = await openBetting()
  await world.tell(game('one'))
  expect(await world.database.acrossTenants().findOneOrFail(Fixture, { id: '1' })).toMatchObject({
    ...{ resultVersion: 0, settledVersion: 0, isResultFixed: false, settlementDueAt: null },
  })
})
