import type { LegOutcome } from '../../entities/bet-leg.ts'
import { factorOf } from '../settlement/payout.ts'
import { product, ratio, timesDown } from '../settlement/ratio.ts'

/** A leg with the odds it was taken at and, while it is open, those that stand now; in thousandths. */
export type CashOutLeg = {
  readonly odds: number
  readonly outcome: LegOutcome
  readonly currentOdds: number | null
}

const WHOLE_BASIS_POINTS = 10_000n

/**
 * What a bet is worth now in minor units, or null when an open leg has no price or nothing is left:
 * stake × Π f × (1 − fee), rounded down. f of an open leg is its odds over the current
 * ones, so that a price that shortened is worth more; f of a settled leg is what it paid.
 */
export function cashOutValue(
  stake: bigint,
  legs: readonly CashOutLeg[],
  feeBasisPoints: number,
): bigint | null {
  const factors = legs.flatMap((leg) => {
    if (leg.outcome !== 'open') return [factorOf(leg)]
    return leg.currentOdds === null ? [] : [ratio(BigInt(leg.odds), BigInt(leg.currentOdds))]
  })
  if (factors.length < legs.length) return null
  const kept = ratio(WHOLE_BASIS_POINTS - BigInt(feeBasisPoints), WHOLE_BASIS_POINTS)
  const value = timesDown(stake, product([...factors, kept]))
  return value > 0n ? value : null
}
