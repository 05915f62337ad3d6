import { expectSurvived } from './cluster-expect.ts'
import { LIGHT_LOAD } from './faults-slice.ts'
import { runUpgrade } from './upgrade-run.ts'

/** What the suites run of `npm run prove -- upgrade`: the same, with the changed service and one gateway. */
export async function proveUpgradeSlice(): Promise<void> {
  const { plan, outcome } = await runUpgrade({
    seed: 7,
    season: { days: 120, matchesADay: 6, speed: 600 },
    ownMariadb: false,
    load: LIGHT_LOAD,
    parts: ['analytics', 'gateway 1'],
    everyMs: 3_000,
    calmMs: 2_000,
  })
  expectSurvived(plan, outcome)
}
