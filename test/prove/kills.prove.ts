import { afterAll, expect, test } from 'vitest'
import { type Chapter, writeKillsPage } from './kills-page.ts'
import { type KillsPlan, proveKills } from './kills-run.ts'
import { expectWhole } from './kills-slice.ts'

const KILLS = 20
const LONGEST_MS = 3_600_000
/** Another run, or this one again: `KILLS_SEED=7 npm run prove -- kills`. */
const SEED = Number(process.env.KILLS_SEED ?? 20_261_122)

const plan: Omit<KillsPlan, 'engine'> = {
  seed: SEED,
  writers: 8,
  kills: KILLS,
  deedsBetween: [10, 60],
  season: { days: 120, matchesADay: 8, speed: 600 },
}
const chapters: Chapter[] = []

afterAll(async () => {
  // A proof that failed proves nothing: the page of the last one that held stays.
  if (chapters.length === 2) await writeKillsPage(chapters)
})

for (const engine of ['SQLite', 'MariaDB'] as const) {
  test(
    `twenty kills among eight writers lose, double and forge nothing on ${engine}`,
    async () => {
      const onKill = (kill: number, deeds: number) =>
        process.stdout.write(`${engine}, seed ${SEED}: kill ${kill} after ${deeds} deeds\n`)
      const outcome = await proveKills({ ...plan, engine, onKill })
      expectWhole(outcome)
      expect(outcome.counts['bets corrected']).toBeGreaterThan(0)
      chapters.push({ plan: { ...plan, engine }, outcome })
    },
    LONGEST_MS,
  )
}
