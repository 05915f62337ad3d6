import type { MarketType, SelectionName } from '../gql/documents.ts'
import { sessionState } from '../session/session.ts'
import { createStore } from '../store.ts'
import { keep } from './kept.ts'
import { keptLegs } from './kept-legs.ts'
import { restorePendingBets } from './pending-bets.ts'

/** One answer on the slip, with the odds that its bettor saw. */
export type SlipLeg = {
  selectionId: string
  fixtureId: string
  home: string
  away: string
  startsAt: string
  marketType: MarketType
  line: number
  selection: SelectionName
  /** Thousandths, as last accepted by the person. */
  odds: number
}

export type SlipState = { legs: readonly SlipLeg[]; isOpen: boolean }

const EMPTY: SlipState = { legs: [], isOpen: false }

/** What is to be bet on. It belongs to who is signed in, and outlives the page in this tab. */
export const slip = createStore<SlipState>(EMPTY)

/** Puts an answer on the slip, in place of another on the same game; taken again, it leaves. */
export function chooseLeg(leg: SlipLeg): void {
  const { legs } = slip.get()
  const isThere = legs.some(({ selectionId }) => selectionId === leg.selectionId)
  const others = legs.filter(({ fixtureId }) => fixtureId !== leg.fixtureId)
  slip.set({ legs: isThere ? legs : [...others, leg], isOpen: true })
}

export function removeLeg(selectionId: string): void {
  const { legs, isOpen } = slip.get()
  slip.set({ isOpen, legs: legs.filter((leg) => leg.selectionId !== selectionId) })
}

/** The person takes the price as it is now. */
export function acceptOdds(selectionId: string, odds: number): void {
  const { legs, isOpen } = slip.get()
  slip.set({
    isOpen,
    legs: legs.map((leg) => (leg.selectionId === selectionId ? { ...leg, odds } : leg)),
  })
}

export const openSlip = (): void => slip.set({ ...slip.get(), isOpen: true })
export const closeSlip = (): void => slip.set({ ...slip.get(), isOpen: false })
export const clearSlip = (): void => slip.set({ legs: [], isOpen: slip.get().isOpen })

// Another person's slip is nobody's business.
let owner: string | null = null
function look(): void {
  const state = sessionState.get()
  // A platform that is away for a moment makes nobody another person.
  if (state.kind === 'opening' || state.kind === 'unreachable') return
  const userId = state.kind === 'signed-in' ? state.session.userId : null
  if (userId === owner) return
  owner = userId
  restorePendingBets(userId)
  slip.set(userId === null ? EMPTY : { legs: keptLegs(userId), isOpen: false })
}

// Whoever is there when this is loaded is the first.
look()
sessionState.listen(look)
slip.listen(() => keep('legs', owner, slip.get().legs))

/** As the platform shows the odds of long bets. */
const HIGHEST_ODDS = 1_000_000

/** All legs together in thousandths, rounded down, as the platform does. */
export function combinedOdds(legs: readonly { odds: number }[]): number {
  const product = legs.reduce((odds, leg) => odds * BigInt(leg.odds), 1n)
  const scale = 1_000n ** BigInt(Math.max(0, legs.length - 1))
  return legs.length === 0 ? 0 : Math.min(HIGHEST_ODDS, Number(product / scale))
}

/** What a stake in minor units pays if all legs win, rounded half up once, as the platform does. */
export function payoutOf(stake: string, legs: readonly { odds: number }[]): string {
  const product = legs.reduce((odds, leg) => odds * BigInt(leg.odds), BigInt(stake))
  const scale = 1_000n ** BigInt(legs.length)
  return String((2n * product + scale) / (2n * scale))
}
