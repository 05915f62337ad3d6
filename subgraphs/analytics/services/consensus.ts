import { analyticsError } from '../errors.ts'
import type { Side } from './feeds/feed.ts'

/** Odds are in thousandths everywhere here (2.10 is 2100); probabilities lie in 0..1. */
const UNIT = 1000
const TOLERANCE = 1e-12

/** The probability that odds state with their margin still in. @throws ODDS_INVALID */
export function impliedProbability(odds: number): number {
  if (!Number.isFinite(odds) || odds <= UNIT) throw analyticsError('ODDS_INVALID')
  return UNIT / odds
}

/**
 * The bookmaker's margin: the sum of a market's implied probabilities less one. Negative when the prices,
 * taken from several sources, leave a sure profit.
 * @throws ODDS_INVALID; ODDS_INCOMPLETE for fewer than two prices
 */
export function overround(odds: readonly number[]): number {
  return sum(impliedOf(odds)) - 1
}

/**
 * Probabilities without the margin, by the power method: p_i^k with the k that makes them sum to one.
 * Unlike proportional scaling it takes more off long shots, and it never leaves 0..1.
 * Clarke, Kovalchik and Ingram (2017), "Adjusting Bookmaker's Odds to Allow for Overround", American Journal of
 * Sports Science 5(6), 45-49, doi:10.11648/j.ajss.20170506.12.
 * @throws as `overround`
 */
export function fairProbabilities(odds: readonly number[]): number[] {
  const surprises = impliedOf(odds).map((probability) => -Math.log(probability))
  const exponent = solveExponent(surprises)
  const powers = surprises.map((surprise) => Math.exp(-exponent * surprise))
  const total = sum(powers)
  return powers.map((power) => power / total)
}

/** The k of the power method: above 1 with a margin, 1 without, below 1 for a sure profit. @throws as `overround` */
export function powerExponent(odds: readonly number[]): number {
  return solveExponent(impliedOf(odds).map((probability) => -Math.log(probability)))
}

/**
 * Newton's method on f(k) = sum exp(-k a_i) - 1, which falls and is convex: from a start where f is not negative
 * it climbs to the root without passing it. f(0) is the number of prices less one, so 0 is always such a start.
 */
function solveExponent(surprises: readonly number[]): number {
  const at = (exponent: number) => {
    const powers = surprises.map((surprise) => Math.exp(-exponent * surprise))
    const slope = sum(powers.map((power, index) => power * (surprises[index] ?? 0)))
    return { excess: sum(powers) - 1, slope }
  }
  let exponent = at(1).excess >= -TOLERANCE ? 1 : 0
  for (;;) {
    const { excess, slope } = at(exponent)
    if (excess <= TOLERANCE) return exponent
    exponent += excess / slope
  }
}

/** Odds without a margin for a probability, rounded to a thousandth. @throws ODDS_INVALID outside 0..1 */
export function fairOdds(probability: number): number {
  if (!(probability > 0 && probability < 1)) throw analyticsError('ODDS_INVALID')
  return Math.round(UNIT / probability)
}

/** What a best price is chosen from. */
export type OfferedPrice = {
  readonly source: string
  readonly side: Side
  readonly odds: number
  readonly at: Date
}

/**
 * The best price of one selection for whoever bets: the highest to back, the lowest to lay. Of equal prices the one
 * that stood first, then the source first in the alphabet. Null when nobody offers that side.
 */
export function bestPrice<Price extends OfferedPrice>(
  prices: Iterable<Price>,
  side: Side,
): Price | null {
  let best: Price | null = null
  for (const price of prices) {
    if (price.side === side && (!best || isBetter(price, best))) best = price
  }
  return best
}

function isBetter(price: OfferedPrice, best: OfferedPrice): boolean {
  if (price.odds !== best.odds) return (price.side === 'back') === price.odds > best.odds
  if (price.at.getTime() !== best.at.getTime()) return price.at < best.at
  return price.source < best.source
}

/** How a price moved. `shortened`: lower odds, now thought likelier; `drifted`: higher odds. */
export type Movement = {
  /** Thousandths. */
  readonly change: number
  /** Current odds as a multiple of the first. */
  readonly ratio: number
  /** Change of the implied probability. */
  readonly probabilityChange: number
  readonly direction: 'shortened' | 'drifted' | 'unchanged'
}

/** From the first price to the current one. @throws ODDS_INVALID */
export function movement(open: number, current: number): Movement {
  const probabilityChange = impliedProbability(current) - impliedProbability(open)
  const change = current - open
  const direction = change === 0 ? 'unchanged' : change < 0 ? 'shortened' : 'drifted'
  return { change, ratio: current / open, probabilityChange, direction }
}

/** One source's back prices of a whole market, one for each selection, in the market's order. */
export type MarketBook = { readonly source: string; readonly odds: readonly number[] }

export type Consensus = {
  /** One for each selection; they sum to one. */
  readonly probabilities: readonly number[]
  readonly sources: number
  /** Mean overround of the sources. */
  readonly meanOverround: number
}

export const CONSENSUS_METHODS = ['mean', 'median'] as const
export type ConsensusMethod = (typeof CONSENSUS_METHODS)[number]

/**
 * What the sources think together: their de-vigged probabilities, averaged per selection (medians are scaled to sum
 * to one again; they resist one wild source). Null without sources. Leave summaries of other sources out
 * (`AGGREGATE_SOURCES`), or those count twice.
 * @throws ODDS_INVALID; ODDS_INCOMPLETE when sources differ in their number of prices
 */
export function consensus(
  books: readonly MarketBook[],
  method: ConsensusMethod = 'mean',
): Consensus | null {
  const [first] = books
  if (!first) return null
  if (books.some(({ odds }) => odds.length !== first.odds.length)) {
    throw analyticsError('ODDS_INCOMPLETE')
  }
  const fair = books.map(({ odds }) => fairProbabilities(odds))
  const centres = first.odds.map((_odds, index) =>
    CENTRE[method](fair.map((probabilities) => probabilities[index] ?? 0)),
  )
  const total = sum(centres)
  return {
    probabilities: centres.map((centre) => centre / total),
    sources: books.length,
    meanOverround: mean(books.map(({ odds }) => overround(odds))),
  }
}

const CENTRE: Readonly<Record<ConsensusMethod, (values: readonly number[]) => number>> = {
  mean,
  median: (values) => {
    const sorted = values.toSorted((left, right) => left - right)
    const upper = sorted.length >> 1
    const lower = (sorted.length - 1) >> 1
    return ((sorted[lower] ?? 0) + (sorted[upper] ?? 0)) / 2
  },
}

function impliedOf(odds: readonly number[]): number[] {
  if (odds.length < 2) throw analyticsError('ODDS_INCOMPLETE')
  return odds.map(impliedProbability)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}
