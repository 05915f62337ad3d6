import type { ActName } from './season-bets-acts.ts'
import type { Book, Wallet } from './season-bets-book.ts'
import { type Asker, isRefused, isUnanswered, type Platform } from './season-bets-platform.ts'
import type { World } from './season-bets-world.ts'
import type { Chance } from './season-chance.ts'

export type Data = Record<string, unknown>

/** One operation with what must come of it. */
export type Asked = {
  act: ActName
  asker: Asker
  wallet: Wallet
  input: Data
  /** Sent twice at the same time under one key. */
  isTwin?: boolean
  /** The refusal that must come, with details that must be in it; null: it is done. */
  code: string | null
  details?: Data
  /** What the answer must hold, as far as it says something. */
  answer?: Data
  /** Writes what was done into the second calculation. */
  apply?: (answered: Data) => void
}

/** What a player looks at to decide. */
export type Table = {
  world: World
  book: Book
  platform: Platform
  chance: Chance
  newKey: () => string
}

export const CARD = 'paid by 4111 1111 1111 1111'

/** One of several, or null when there is none. */
export const oneOf = <Item>(chance: Chance, items: readonly Item[]): Item | null =>
  items[chance.between(0, Math.max(1, items.length))] ?? null

/** True once in so many times. */
export const isOneIn = (chance: Chance, times: number): boolean => chance.between(0, times) === 0

export const amountUpTo = (chance: Chance, most: bigint): bigint =>
  BigInt(chance.between(1, Math.max(2, Number(most))))

export const toMoney = (amount: bigint, currency: string) => ({ amount: String(amount), currency })

/** What compliance's stand-in does with an amount. */
export const clearanceCode = (amount: bigint): string | null =>
  isRefused(amount) ? 'COMPLIANCE_REFUSED' : isUnanswered(amount) ? 'COMPLIANCE_UNAVAILABLE' : null
