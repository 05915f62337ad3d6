import { HIGHEST_ODDS } from '#kernel/money.ts'
import type { LegOutcome } from '../../entities/bet-leg.ts'
import { highestTimesHalfUp, product, type Ratio, ratio, timesDown, timesHalfUp } from './ratio.ts'

/** A leg as far as money goes: odds in thousandths. */
export type PricedLeg = { readonly odds: number; readonly outcome: LegOutcome }

const ODDS_UNIT = 1_000n

/** What one unit on a leg with these odds becomes. An open leg counts as if it will be won. */
const FACTORS: Readonly<Record<LegOutcome, (odds: bigint) => Ratio>> = {
  open: (odds) => ratio(odds, ODDS_UNIT),
  won: (odds) => ratio(odds, ODDS_UNIT),
  void: () => ratio(1n),
  push: () => ratio(1n),
  half_won: (odds) => ratio(odds + ODDS_UNIT, 2n * ODDS_UNIT),
  half_lost: () => ratio(1n, 2n),
  lost: () => ratio(0n),
}

/** What one unit on this leg became, exactly. */
export const factorOf = ({ odds, outcome }: PricedLeg): Ratio => FACTORS[outcome](BigInt(odds))

const smaller = (left: bigint, right: bigint) => (left < right ? left : right)

/**
 * What a bet pays in minor units: the stake times the exact product of its legs, rounded half up once, at the end. Open
 * legs count as won, which nothing pays more than: what a bet pays in the end is never above what it might have paid.
 */
export const payoutOf = (stake: bigint, legs: readonly PricedLeg[]): bigint =>
  timesHalfUp(stake, product(legs.map(factorOf)))

/** The highest stake in minor units, from 0, that pays no more than `maxPayout`. */
export const highestStake = (maxPayout: bigint, legs: readonly PricedLeg[]): bigint =>
  highestTimesHalfUp(maxPayout, product(legs.map(factorOf)))

/** The odds of all legs together in thousandths, rounded down; longer ones are shown as the longest. */
export function combinedOdds(odds: readonly number[]): number {
  const all = product(odds.map((one) => ratio(BigInt(one), ODDS_UNIT)))
  return Number(smaller(timesDown(ODDS_UNIT, all), BigInt(HIGHEST_ODDS)))
}
