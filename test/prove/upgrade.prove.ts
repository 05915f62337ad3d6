import { expect, test } from 'vitest'
import { expectSurvived } from './cluster-expect.ts'
import { summaryLines } from './cluster-pages.ts'
import { isUnanswered } from './cluster-tally.ts'
import { writeUpgradePage } from './upgrade-page.ts'
import { ALL_PARTS, runUpgrade } from './upgrade-run.ts'

const SEED = 20_261_129
const LONGEST_MS = 3_600_000

test(
  'a cluster is upgraded under load, and no request and no stream is lost',
  async () => {
    const say = (line: string) => void process.stdout.write(`upgrade: ${line}\n`)
    const { plan, outcome } = await runUpgrade({
      seed: SEED,
      season: { days: 60, matchesADay: 4, speed: 300 },
      ownMariadb: true,
      load: {
        ...{ writers: 8, writersPauseMs: 1_000, readers: 4, readersPauseMs: 1_500 },
        ...{ signers: 2, signersPauseMs: 2_000, flagsPauseMs: 2_000, subscribers: 200 },
      },
      parts: ALL_PARTS,
      everyMs: 20_000,
      calmMs: 30_000,
      say,
    })
    say(['what clients met', '', ...summaryLines(outcome)].join('\n'))
    expectSurvived(plan, outcome)
    expect(outcome.counted.filter(isUnanswered)).toEqual([])
    await writeUpgradePage(plan, outcome)
  },
  LONGEST_MS,
)
