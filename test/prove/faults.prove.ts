import { expect, test } from 'vitest'
import { expectSurvived } from './cluster-expect.ts'
import { summaryLines } from './cluster-pages.ts'
import { type ClusterRunPlan, runCluster } from './cluster-run.ts'
import { toAct } from './faults-inflict.ts'
import { writeFaultsPage } from './faults-page.ts'
import { faultsOf } from './faults-schedule.ts'

/** Another run, or this one again: `FAULTS_SEED=7 npm run prove -- faults`. */
const SEED = Number(process.env.FAULTS_SEED ?? 20_261_129)
const MINUTES = 30
/** A shorter run, which writes no page: `FAULTS_MINUTES=2 npm run prove -- faults`. */
const SHORTER = Number(process.env.FAULTS_MINUTES ?? MINUTES)
const LONGEST_MS = 7_200_000

/** Three rounds of seven processes and four faults of servers, a minute from each to the next. */
const WHOLE: ClusterRunPlan = {
  seed: SEED,
  season: { days: 160, matchesADay: 4, speed: 300 },
  ownMariadb: true,
  load: {
    ...{ writers: 8, writersPauseMs: 1_000, readers: 4, readersPauseMs: 1_500 },
    ...{ signers: 2, signersPauseMs: 2_000, flagsPauseMs: 2_000, subscribers: 200 },
  },
  acts: faultsOf({ seed: SEED, rounds: 3 }).map((fault) => toAct(fault, { redisAwayMs: 60_000 })),
  everyMs: 65_000,
  calmMs: 60_000,
}

const SHORT = { everyMs: 20_000, calmMs: 10_000, redisAwayMs: 10_000 }

/** As many faults as there is time for, Redis away for a moment. */
function shortened(minutes: number): ClusterRunPlan {
  const { everyMs, calmMs } = SHORT
  const most = Math.max(1, Math.floor((minutes * 60_000 - 2 * calmMs) / everyMs))
  const faults = faultsOf({ seed: SEED, rounds: 1 }).slice(0, most)
  return { ...WHOLE, everyMs, calmMs, acts: faults.map((fault) => toAct(fault, SHORT)) }
}

test(
  'a cluster under load gets over every fault, and loses, doubles and forges nothing',
  async () => {
    const isWhole = SHORTER >= MINUTES
    const plan = isWhole ? WHOLE : shortened(SHORTER)
    const say = (line: string) => void process.stdout.write(`faults, seed ${SEED}: ${line}\n`)
    const outcome = await runCluster({ ...plan, say })
    say(['what clients met', '', ...summaryLines(outcome)].join('\n'))
    expectSurvived(plan, outcome)
    if (!isWhole) return
    expect(outcome.counts['bets corrected']).toBeGreaterThan(0)
    // A proof that failed proves nothing, nor does a shorter one: the page of the last that held stays.
    await writeFaultsPage(plan, outcome)
  },
  LONGEST_MS,
)
