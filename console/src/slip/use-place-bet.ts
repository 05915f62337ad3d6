import { useRef } from 'react'
import { type Change, useChange } from '../api/use-change.ts'
import {
  ConsolePlaceBetDocument,
  type ConsolePlaceBetMutation,
  type ConsolePlaceBetMutationVariables,
  type PriceChange,
} from '../gql/documents.ts'
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

export type PlaceBet = Pick<Change<unknown, unknown>, 'isRunning' | 'problem' | 'clear'> & {
  place: (bet: WrittenBet) => Promise<PlacedBet | null>
}

/**
 * Places bets. The same bet that is sent again, because nobody knows what became of it, goes under the
 * same key: it is placed once. Another bet, and one that was placed, have a key of their own.
 */
export function usePlaceBet(): PlaceBet {
  const { run, isRunning, problem, clear } = useChange<
    ConsolePlaceBetMutation,
    ConsolePlaceBetMutationVariables
  >(ConsolePlaceBetDocument)
  const last = useRef<{ text: string; key: string } | null>(null)
  const place = async (bet: WrittenBet) => {
    const text = JSON.stringify(bet)
    if (last.current?.text !== text) last.current = { text, key: crypto.randomUUID() }
    const { accountId, currency, stake, priceChange, legs } = bet
    const told = await run({
      input: {
        accountId,
        stake: { amount: stake, currency },
        legs: legs.map(({ selectionId, odds }) => ({ selectionId, odds })),
        priceChange,
        idempotencyKey: last.current.key,
      },
    })
    if (told?.placeBet) last.current = null
    return told?.placeBet ?? null
  }
  return { isRunning, problem, clear, place }
}
