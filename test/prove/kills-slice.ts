import { expect } from 'vitest'
import { wrong } from './books-findings.ts'
import type { Engine } from './kills-places.ts'
import { type KillsOutcome, proveKills } from './kills-run.ts'

/** All that must be so of an outcome, whatever its length. */
export function expectWhole({ findings, planted, deeds }: KillsOutcome): void {
  expect(wrong(findings)).toEqual([])
  expect(planted.filter(({ found }) => found === 0)).toEqual([])
  expect(deeds.length).toBeGreaterThan(0)
}

/** What the suites run of `npm run prove -- kills`: the same, with two kills. */
export const proveSlice = (engine: Engine): Promise<KillsOutcome> =>
  proveKills({
    engine,
    seed: 7,
    writers: 4,
    kills: 2,
    deedsBetween: [15, 35],
    season: { days: 20, matchesADay: 6, speed: 600 },
  })
