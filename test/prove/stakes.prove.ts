import { expect, test } from 'vitest'
import {
  proveStakes,
  type StakesOutcome,
  type StakesPlan,
} from '../subgraphs/analytics/bets/stakes-suite.ts'
import { expectNothingOverdrawn } from '../subgraphs/analytics/bets/stakes-whole.ts'
import { wrong } from './books-findings.ts'
import { writeProof } from './write-proof.ts'

const STAKES = 10_000
const AT_ONCE = 500
const LONGEST_MS = 3_600_000

const sum = (counts: ReadonlyMap<string, number>) =>
  [...counts.values()].reduce((total, one) => total + one, 0)

const toRow = ({ engine, stakes, atOnce }: StakesPlan, outcome: StakesOutcome) => {
  const { accepted, balance, stake, left, refusals, repeats, findings, seconds } = outcome
  return {
    engine,
    stakes,
    'at once': atOnce,
    'balance / stake': `${balance} / ${stake}`,
    accepted,
    BALANCE_TOO_LOW: refusals.get('BALANCE_TOO_LOW') ?? 0,
    'other refusals': sum(refusals) - (refusals.get('BALANCE_TOO_LOW') ?? 0),
    'told to come back': sum(repeats),
    left,
    overdrawn: Math.max(0, accepted * stake - balance),
    'faults of the ledger': wrong(findings).length,
    seconds,
  }
}

test(
  'ten thousand parallel stakes against one balance overdraw nothing on both engines',
  async () => {
    const rows: ReturnType<typeof toRow>[] = []
    for (const engine of ['SQLite', 'MariaDB'] as const) {
      const plan = { engine, stakes: STAKES, atOnce: AT_ONCE }
      const outcome = await proveStakes(plan)
      expectNothingOverdrawn(plan, outcome)
      rows.push(toRow(plan, outcome))
    }
    expect(rows).toHaveLength(2)
    await writeProof({
      name: 'stakes',
      title: 'Parallel stakes against one balance',
      what: 'So many stakes of one person are asked for through the GraphQL door of analytics, *at once* of them unanswered at any moment, each under a key of its own, against a balance that allows a tenth of them and half a stake more. Who is told to come back later (compliance or the database did not answer in time) asks again under the same key. Amounts are minor units. Faults of the ledger are counted by SQL of the proof alone: sums by currency and by transfer, each balance against its entries, balances below their floor now or at any time, each bet staked exactly once.',
      rows,
    })
  },
  LONGEST_MS,
)
