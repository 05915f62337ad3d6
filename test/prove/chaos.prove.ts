import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chaosOf, placeSchema } from './chaos-acts.ts'
import { writeChaosPage } from './chaos-page.ts'
import { expectSurvived } from './cluster-expect.ts'
import { summaryLines } from './cluster-pages.ts'
import { type ClusterRunPlan, runCluster } from './cluster-run.ts'

/** Another run, or this one again: `CHAOS_SEED=7 npm run prove -- chaos`. */
const SEED = Number(process.env.CHAOS_SEED ?? 20_261_129)
const MINUTES = 30
/** A shorter run, which writes no page: `CHAOS_MINUTES=2 npm run prove -- chaos`. */
const SHORTER = Number(process.env.CHAOS_MINUTES ?? MINUTES)
const LONGEST_MS = 7_200_000
const EVERY_MS = 20_000
const CALM_MS = 10_000

async function planOf(folder: string): Promise<ClusterRunPlan> {
  const schemaFile = await placeSchema(folder)
  const count = Math.floor((SHORTER * 60_000 - 2 * CALM_MS) / EVERY_MS)
  return {
    seed: SEED,
    season: { days: 160, matchesADay: 4, speed: 300 },
    ownMariadb: false,
    env: { GATEWAY_SCHEMA_FILE: schemaFile },
    load: {
      ...{ writers: 4, writersPauseMs: 1_000, readers: 2, readersPauseMs: 1_500 },
      ...{ signers: 1, signersPauseMs: 2_000, flagsPauseMs: 1_000, subscribers: 200 },
    },
    acts: chaosOf({ seed: SEED, count, schemaFile }),
    everyMs: EVERY_MS,
    calmMs: CALM_MS,
  }
}

test(
  'two hundred subscribers see every event once and in order, whatever is cut',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dbsbm-chaos-'))
    try {
      const plan = await planOf(folder)
      const say = (line: string) => void process.stdout.write(`chaos, seed ${SEED}: ${line}\n`)
      const outcome = await runCluster({ ...plan, say })
      say(['what clients met', '', ...summaryLines(outcome)].join('\n'))
      expectSurvived(plan, outcome)
      expect(outcome.subscribers.count).toBe(200)
      if (SHORTER >= MINUTES) await writeChaosPage(plan, outcome)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  LONGEST_MS,
)
