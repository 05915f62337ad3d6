import { useEffect, useRef } from 'react'
import { OFFLINE, type Problem } from '../api/problem.ts'
import { useChange } from '../api/use-change.ts'
import {
  ConsolePlaceBetDocument,
  type ConsolePlaceBetMutation,
  type ConsolePlaceBetMutationVariables,
  type PriceChange,
} from '../gql/documents.ts'
import { beginBet, endBet, pendingBets } from './pending-bets.ts'
import type { SlipLeg } from './slip.ts'

/** A bet as its person wrote it. */
export type WrittenBet = {
  accountId: string
  currency: string
  /** Minor units. */
  stake: string
  priceChange: PriceChange
  legs: readonly SlipLeg[]
}

export type PlacedBet = NonNullable<ConsolePlaceBetMutation['placeBet']>

export type PlaceBet = {
  isRunning: boolean
  problem: Problem | null
  /** It was sent, and nobody knows whether it stands. */
  isUncertain: boolean
  clear: () => void
  place: (bet: WrittenBet) => Promise<PlacedBet | null>
}

/** What makes two bets the same one. */
function textOf({ accountId, currency, stake, priceChange, legs }: WrittenBet): string {
  const answers = legs.map(({ selectionId, odds }) => [selectionId, odds])
  return JSON.stringify([accountId, currency, stake, priceChange, answers])
}

/**
 * Places bets. The same bet that is sent again, because nobody knows what became of it, goes under the
 * same key: it is placed once. Another bet, and one that was placed or refused, have a key of their own.
 */
export function usePlaceBet(): PlaceBet {
  const { run, isRunning, problem, clear } = useChange<
    ConsolePlaceBetMutation,
    ConsolePlaceBetMutationVariables
  >(ConsolePlaceBetDocument)
  const sent = useRef({ text: '', wasOpen: false })
  const { text: sentText, wasOpen } = sent.current
  // What did not leave says nothing of a try before it.
  const isUnsent = problem?.code === OFFLINE && !wasOpen
  const isUncertain = (problem?.isRetryable ?? false) && !isUnsent
  useEffect(() => {
    // A refusal is a definite word.
    if (problem && !isUncertain) endBet(sentText)
  }, [problem, isUncertain, sentText])
  const place = async (bet: WrittenBet) => {
    const text = textOf(bet)
    sent.current = { text, wasOpen: pendingBets.get().has(text) }
    const idempotencyKey = beginBet(text)
    const { accountId, currency, stake, priceChange, legs } = bet
    const told = await run({
      input: {
        accountId,
        stake: { amount: stake, currency },
        legs: legs.map(({ selectionId, odds }) => ({ selectionId, odds })),
        priceChange,
        idempotencyKey,
      },
    })
    if (told?.placeBet) endBet(text)
    return told?.placeBet ?? null
  }
  return { isRunning, problem, isUncertain, clear, place }
}
