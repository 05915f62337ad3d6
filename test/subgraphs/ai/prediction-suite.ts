import { expect } from 'vitest'
import { AiPrediction } from '#subgraphs/ai/entities/ai-prediction.ts'
import { type AiWorld, predictionsOf } from './ai-kit.ts'

const TEAMS = ['Arsenal', 'Chelsea', 'Everton', 'Fulham', 'Liverpool', 'Tottenham']

/** However many ask at once: one prediction a fixture and slot, and everyone sees that one. */
export async function storedOnce(world: AiWorld): Promise<void> {
  const ids: string[] = []
  for (const [at, home] of TEAMS.entries()) {
    ids.push(await world.play(home, { home, away: TEAMS.at(at - 1) ?? '' }))
  }
  const orders = Array.from({ length: 20 }, (_unused, at) => (at % 2 ? ids : ids.toReversed()))
  const answers = await Promise.all(orders.map((order) => predictionsOf(world, order)))
  expect(answers.flatMap(({ codes }) => codes)).toEqual([])
  const shown = new Set(answers.flatMap(({ all }) => all.map(({ id }) => id)))
  expect(shown.size).toBe(ids.length)
  expect(await world.database.acrossTenants().count(AiPrediction, {})).toBe(ids.length)
}
