import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSeason, playSeason } from '../../../prove/season-bets-play.ts'

test('whatever players do in the first weeks of a real season, the books equal a second calculation', {
  timeout: 60_000,
}, async () => {
  const property = fc.asyncProperty(fc.integer({ min: 0 }), async (seed) => {
    const plan = { seed, operations: 600, matches: 20, checkpoints: 2, atOnce: 6 }
    await using season = await openSeason({ ...plan, databaseUrl: 'sqlite::memory:' })
    const { differences, operations } = await playSeason(season)
    expect(differences).toEqual([])
    expect(operations).toBeGreaterThanOrEqual(plan.operations)
  })
  await fc.assert(property, { numRuns: 1, endOnFailure: true })
})
