import { expect, test } from 'vitest'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { openAnalytics } from './analytics-kit.ts'

test('the migrations bring a database to its entities', async () => {
  await using world = await openAnalytics()
  expect(await schemaDrift(world.database)).toEqual([])
})
