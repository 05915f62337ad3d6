import type { BetOutcome, BetStatus } from '../../gql/documents.ts'
import { moneyText } from '../../parts/figures.ts'

type Ended = {
  status: BetStatus
  outcome?: BetOutcome | null | undefined
  payout?: { amount: string; currency: string } | null | undefined
}

const OUTCOMES: Readonly<Record<BetOutcome, { sign: string; word: string }>> = {
  WON: { sign: '✓', word: 'Won' },
  HALF_WON: { sign: '✓', word: 'Half won' },
  LOST: { sign: '✕', word: 'Lost' },
  HALF_LOST: { sign: '✕', word: 'Half lost' },
  VOID: { sign: '○', word: 'Void, stake given back' },
  MIXED: { sign: '◐', word: 'Partly won' },
  CASHED_OUT: { sign: '↩', word: 'Cashed out' },
}

/** How a bet stands, as a sign and in words. */
export function outcomeOf({ status, outcome, payout }: Ended): { sign: string; words: string } {
  if (status === 'OPEN' || !outcome) return { sign: '…', words: 'Open' }
  const { sign, word } = OUTCOMES[outcome]
  const isPaid = payout && payout.amount !== '0'
  return { sign, words: isPaid ? `${word}, ${moneyText(payout)}` : word }
}
