import type { Clock } from '#kernel/clock.ts'
import type { Allowance } from '#kernel/counters/allowance.ts'
import type { Counters } from '#kernel/counters/counters.ts'
import type { Logger } from '#kernel/log.ts'
import type { Payer } from './asker.ts'
import { BUDGETS, type BudgetName, type Budgets } from './demand-settings.ts'
import { createPurse, type Purse, type Taken } from './purse.ts'

/** Whose points do not suffice, and in how many seconds they should. */
export type Shortage = { budget: Payer['budget']; retryAfter: number }

/** Points that were set aside for one operation. */
export type Reservation = {
  /** Sets more aside; of a shortage it tells, with nothing more set aside. */
  take: (points: number) => Shortage | null | Promise<Shortage | null>
  /** What it cost in the end, in place of all that was set aside. */
  settle: (points: number) => void
  /** What whoever asked has left, and when all of it is there again. */
  state: () => { remaining: number; resetsAt: Date }
}

/** What everybody has left. */
export type BudgetBook = { open: (payers: readonly Payer[]) => Reservation }

export type BudgetsDeps = {
  counters: Counters
  budgets: Budgets
  /** Subjects stand in names of keys: never as they are. */
  hash: (subject: string) => string
  clock: Clock
  log: Logger
}

type PaidBy = Payer['budget']
type Purses = Readonly<Record<PaidBy, Purse>>

function hashed(allowance: Allowance, hash: BudgetsDeps['hash']): Allowance {
  return {
    take: (subject, asked) => allowance.take(hash(subject), asked),
    giveBack: (subject, points) => allowance.giveBack(hash(subject), points),
  }
}

const isPaidBy = (name: BudgetName): name is PaidBy => name !== 'connection'

/** The budgets of all classes. */
export function createBudgets(deps: BudgetsDeps): BudgetBook {
  const { counters, budgets, clock, log } = deps
  const purses = BUDGETS.filter(isPaidBy).map((name) => {
    const bounds = budgets[name]
    const allowance = hashed(counters.openAllowance(`gateway.${name}`, bounds), deps.hash)
    const failed = (err: unknown) => log.error({ err, budget: name }, 'a budget was not settled')
    return [name, createPurse({ allowance, bounds, now: () => clock.now().getTime(), failed })]
  })
  // One entry for every name of the list.
  const byName = Object.fromEntries(purses) as Purses
  return { open: (payers) => reservation(payers, byName, clock) }
}

type Paying = Payer & { purse: Purse; reserved: number; left: number }

function reservation(payers: readonly Payer[], purses: Purses, clock: Clock): Reservation {
  const paying = payers.map(
    (payer): Paying => ({
      ...payer,
      purse: purses[payer.budget],
      reserved: 0,
      left: purses[payer.budget].bounds.most,
    }),
  )
  return {
    take: (points) => takeFrom(paying, 0, points),
    settle: (points) => {
      for (const one of paying) {
        one.purse.settle(one.subject, points - one.reserved)
        one.left = Math.max(0, one.left + one.reserved - points)
        one.reserved = points
      }
    },
    state: () => stateOf(paying, clock),
  }
}

/** Asks one after the other, and waits only where one of them has to. */
function takeFrom(
  paying: readonly Paying[],
  index: number,
  points: number,
): ReturnType<Reservation['take']> {
  const payer = paying[index]
  if (!payer) return null
  // What costs more than a full purse holds may be asked for with a full purse.
  const wanted = Math.min(points, payer.purse.bounds.most - payer.reserved)
  const note = (taken: Taken) => {
    if (!taken.isTaken) {
      for (const before of paying.slice(0, index)) undo(before, points)
      return { budget: payer.budget, retryAfter: taken.retryAfterSeconds }
    }
    payer.reserved += wanted
    payer.left = taken.left
    return takeFrom(paying, index + 1, points)
  }
  const taken = payer.purse.take(payer.subject, wanted)
  return taken instanceof Promise ? taken.then(note) : note(taken)
}

function undo(payer: Paying, points: number): void {
  const back = Math.min(points, payer.reserved)
  payer.purse.settle(payer.subject, -back)
  payer.reserved -= back
  payer.left += back
}

function stateOf([client]: readonly Paying[], clock: Clock) {
  if (!client) return { remaining: 0, resetsAt: clock.now() }
  const { most, perSecond } = client.purse.bounds
  const remaining = Math.max(0, Math.min(most, Math.floor(client.left)))
  const fullInMs = ((most - remaining) / perSecond) * 1000
  return { remaining, resetsAt: new Date(clock.now().getTime() + fullInMs) }
}
