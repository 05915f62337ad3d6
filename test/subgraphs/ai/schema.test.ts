import { expect, test } from 'vitest'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { openAi } from './ai-kit.ts'

test('the migrations bring a database to its entities', async () => {
  await using world = await openAi()
  expect(await schemaDrift(world.database)).toEqual([])
})
