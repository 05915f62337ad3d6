import { type Finding, findRows } from '../../../prove/books-findings.ts'
import { checkLedger } from '../../../prove/books-ledger.ts'
import { openStore, type Store } from '../../../prove/books-store.ts'
import { makePlace, type OwnPlace } from '../../../prove/kills-places.ts'
import type { Answer } from '../analytics-kit.ts'
import { type BettingWorld, openBetting } from './kit/betting-kit.ts'
import { type Choice, game, price } from './kit/scripted-feed.ts'

export type StakesPlan = {
  engine: 'SQLite' | 'MariaDB'
  stakes: number
  /** Stakes that are asked for and not answered at any moment. */
  atOnce: number
}

export type StakesOutcome = {
  accepted: number
  /** Minor units, before and after. */
  balance: number
  left: number
  stake: number
  /** How often each refusal was said, those repeated aside. */
  refusals: ReadonlyMap<string, number>
  /** How often somebody was told to come back later, by code. */
  repeats: ReadonlyMap<string, number>
  findings: readonly Finding[]
  seconds: number
}

const HOME: Choice = 'one/match_result/0/home'
/** Minor units. */
const STAKE = 700
/** Answers that say nothing of the stake: it is asked for again, under its key. */
const LATER: ReadonlySet<string> = new Set(['COMPLIANCE_UNAVAILABLE', 'DATABASE_BUSY'])

const count = (counts: Map<string, number>, name: string) =>
  counts.set(name, (counts.get(name) ?? 0) + 1)

/** Asks until the answer is one. */
async function untilAnswered(
  place: () => Promise<Answer>,
  repeats: Map<string, number>,
): Promise<string | null> {
  for (;;) {
    const { codes } = await place()
    const [code = null] = codes
    if (code === null || !LATER.has(code)) return code
    count(repeats, code)
  }
}

type Crowd = StakesPlan & { accountId: string }

/** All stakes, so many of them at any moment. */
async function stakeAll(world: BettingWorld, { accountId, stakes, atOnce }: Crowd) {
  const refusals = new Map<string, number>()
  const repeats = new Map<string, number>()
  let next = 0
  let accepted = 0
  const one = async () => {
    while (next < stakes) {
      next += 1
      const input = await world.toInput({ accountId, stake: STAKE, on: { [HOME]: 2_000 } })
      const code = await untilAnswered(() => world.placeRaw(input), repeats)
      if (code === null) accepted += 1
      else count(refusals, code)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, stakes) }, one))
  return { accepted, refusals, repeats }
}

async function checkStakes(store: Store, accepted: number): Promise<Finding[]> {
  const miscounted = await findRows(store, {
    says: 'bets that are not as many as were accepted',
    domain: 'analytics',
    sql: `select count(*) as held from bets having count(*) <> ${accepted}`,
  })
  return [miscounted, ...(await checkLedger(store))]
}

const urlOf = ({ place, folder }: OwnPlace): string =>
  place.engine === 'SQLite' ? `sqlite:${folder}/analytics.sqlite` : (place.urls.analytics ?? '')

/** Parallel stakes against one balance that allows about a tenth of them, through analytics' own door. */
export async function proveStakes(plan: StakesPlan): Promise<StakesOutcome> {
  await using own = await makePlace(plan.engine, { domains: ['analytics'] })
  await using world = await openBetting({ databaseUrl: urlOf(own) })
  await world.tell(game('one'), price(HOME, 2_000))
  const balance = Math.floor(plan.stakes / 10) * STAKE + STAKE / 2
  const accountId = await world.fund(balance)
  const began = performance.now()
  const crowd = await stakeAll(world, { ...plan, accountId })
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const [left = Number.NaN] = await world.moneyIn(accountId)
  await using store = await openStore(own.place, ['analytics'])
  const findings = await checkStakes(store, crowd.accepted)
  return { ...crowd, balance, left, stake: STAKE, findings, seconds }
}
