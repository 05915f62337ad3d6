import { createStore } from '../store.ts'
import { keep, readKept } from './kept.ts'

/** A bet that was sent: what makes it the same bet, and the key under which it went. */
type Sent = readonly [text: string, key: string]

const MOST = 50

/**
 * Bets that were sent and of which nobody knows what became: the same bet again goes under the same key,
 * however often the slip was closed and the page loaded meanwhile, and is placed once.
 */
export const pendingBets = createStore<ReadonlyMap<string, string>>(new Map())

let owner: string | null = null

function set(bets: ReadonlyMap<string, string>): void {
  pendingBets.set(bets)
  keep('bets', owner, [...bets])
}

const isSent = (found: unknown): found is Sent =>
  Array.isArray(found) && found.length === 2 && found.every((part) => typeof part === 'string')

/** Those of this person, as they were kept: another's are nobody's business. */
export function restorePendingBets(userId: string | null): void {
  owner = userId
  const kept = userId === null ? null : readKept('bets', userId)
  pendingBets.set(new Map(Array.isArray(kept) ? kept.slice(-MOST).filter(isSent) : []))
}

/** Before it is sent. @returns the key under which it goes */
export function beginBet(text: string): string {
  const key = pendingBets.get().get(text) ?? crypto.randomUUID()
  set(new Map([...pendingBets.get(), [text, key] as const].slice(-MOST)))
  return key
}

/** What became of it is known. */
export const endBet = (text: string): void =>
  set(new Map([...pendingBets.get()].filter(([known]) => known !== text)))

/** The person has looked what became of them. */
export const endAllBets = (): void => set(new Map())
