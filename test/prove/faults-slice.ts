import { expectSurvived } from './cluster-expect.ts'
import { type ClusterRunPlan, runCluster } from './cluster-run.ts'
import { toAct } from './faults-inflict.ts'
import type { Fault } from './faults-schedule.ts'

const FAULTS: readonly Fault[] = [
  { kind: 'process killed', name: 'analytics' },
  { kind: 'process killed', name: 'gateway 1' },
  { kind: 'Redis emptied' },
]

/** A load that a machine with other work bears. */
export const LIGHT_LOAD: ClusterRunPlan['load'] = {
  ...{ writers: 3, writersPauseMs: 100, readers: 1, readersPauseMs: 500 },
  ...{ signers: 1, signersPauseMs: 2_000, flagsPauseMs: 500, subscribers: 14 },
}

const SLICE: ClusterRunPlan = {
  seed: 7,
  season: { days: 120, matchesADay: 6, speed: 600 },
  ownMariadb: false,
  load: LIGHT_LOAD,
  acts: FAULTS.map((fault) => toAct(fault, { redisAwayMs: 0 })),
  everyMs: 5_000,
  calmMs: 2_000,
}

/** What the suites run of `npm run prove -- faults`: the same, with three faults. */
export async function proveFaultsSlice(): Promise<void> {
  expectSurvived(SLICE, await runCluster(SLICE))
}
