import { type Asked, type Data, isOneIn, oneOf, type Table } from './season-bets-asked.ts'
import { makeBet, makeCashOut } from './season-bets-bets.ts'
import type { Wallet } from './season-bets-book.ts'
import {
  makeAdjustment,
  makeDeposit,
  makeFreeze,
  makeHoldEnd,
  makeReview,
  makeWithdrawal,
} from './season-bets-money.ts'

type Make = (table: Table, wallet: Wallet) => Asked | null

/** What players do, with how often of a hundred. */
const HABITS: readonly (readonly [number, Make])[] = [
  [46, makeBet],
  [10, makeCashOut],
  [12, makeDeposit],
  [8, makeWithdrawal],
  [11, makeHoldEnd],
  [4, makeFreeze],
  [5, makeAdjustment],
  [4, makeReview],
]

function chooseHabit({ chance }: Table): Make {
  let roll = chance.between(0, 100)
  for (const [share, make] of HABITS) {
    roll -= share
    if (roll < 0) return make
  }
  return makeDeposit
}

type Done = { asked: Asked; id: string }

const KEPT = 12

/** How the amount of a request is changed so that the same key stands for something else. */
function otherBody({ act, input }: Asked): Data | null {
  const { money, stake, amount } = input as Record<string, { amount: string } | undefined>
  const more = (one: { amount: string }) => ({ ...one, amount: String(BigInt(one.amount) + 1n) })
  if (act === 'placeBet' && stake) return { ...input, stake: more(stake) }
  if (act === 'cashOutBet') return { ...input, amount: String(BigInt(String(amount)) + 1n) }
  return money ? { ...input, money: more(money) } : null
}

/** What was done once is asked again: by the same words it is the same thing, by others it is refused. */
function repeat({ chance }: Table, done: readonly Done[]): Asked | null {
  const one = oneOf(chance, done)
  if (!one) return null
  const { asked, id } = one
  const { apply: _apply, ...rest } = asked
  const other = isOneIn(chance, 4) ? otherBody(asked) : null
  if (other) return { ...rest, input: other, code: 'IDEMPOTENCY_KEY_REUSED', details: {} }
  return { ...rest, code: null, answer: { id } }
}

const isKeyed = ({ input }: Asked) => 'idempotencyKey' in input

export type Players = ReturnType<typeof createPlayers>

/** People who do whatever comes into their minds, one thing at a time with each account. */
export function createPlayers(table: Table) {
  const { chance } = table
  const memory = new Map<Wallet, Done[]>()
  return {
    /** What is done next with this account. */
    next: (wallet: Wallet): Asked => {
      const again = isOneIn(chance, 8) ? repeat(table, memory.get(wallet) ?? []) : null
      if (again) return again
      const asked = chooseHabit(table)(table, wallet) ?? makeDeposit(table, wallet)
      const isTwin = asked.code === null && isKeyed(asked) && isOneIn(chance, 16)
      return { ...asked, isTwin }
    },
    /** Remembers what was done, to ask for it again. */
    remember: (asked: Asked, id: string): void => {
      if (!isKeyed(asked) || !asked.apply) return
      const done = memory.get(asked.wallet) ?? []
      memory.set(asked.wallet, [...done, { asked, id }].slice(-KEPT))
    },
  }
}
