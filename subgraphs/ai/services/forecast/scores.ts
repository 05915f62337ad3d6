import { aiError } from '../../errors.ts'
import { type ByOutcome, OUTCOMES, type Outcome } from './outcomes.ts'

/** A forecast and what came of it. */
export type JudgedForecast = { readonly probabilities: ByOutcome; readonly outcome: Outcome }

const ECE_BINS = 10
const DE_VIG_ROUNDS = 100
const DE_VIG_TOLERANCE = 1e-13

/** Natural logarithm of what the forecast gave to that which happened, negated: 0 is perfect, 1.0986 is a guess. */
export function logLoss({ probabilities, outcome }: JudgedForecast): number {
  return -Math.log(probabilities[outcome])
}

/**
 * Ranked probability score of the order home, draw, away: a forecast of home is less wrong when the match is drawn than
 * when it is lost. 0 is perfect. Epstein (1969), "A Scoring System for Probability Forecasts of Ranked Categories",
 * Journal of Applied Meteorology 8(6), 985-987.
 */
export function rps({ probabilities, outcome }: JudgedForecast): number {
  const notHome = probabilities.home - (outcome === 'home' ? 1 : 0)
  const away = probabilities.away - (outcome === 'away' ? 1 : 0)
  return (notHome ** 2 + away ** 2) / 2
}

/** Brier's score over the three results, 0 to 2: the squared distance from what happened. */
export function brier({ probabilities, outcome }: JudgedForecast): number {
  return OUTCOMES.reduce(
    (sum, one) => sum + (probabilities[one] - (one === outcome ? 1 : 0)) ** 2,
    0,
  )
}

/**
 * Expected calibration error over all three results: in ten bins of stated probability, how far the mean stated lies
 * from the share that happened, weighted by the bins' sizes. 0 without forecasts.
 */
export function ece(judged: readonly JudgedForecast[]): number {
  const bins = Array.from({ length: ECE_BINS }, () => ({ stated: 0, happened: 0 }))
  for (const { probabilities, outcome } of judged) {
    for (const one of OUTCOMES) {
      const bin = bins[Math.min(Math.floor(probabilities[one] * ECE_BINS), ECE_BINS - 1)]
      if (!bin) continue
      bin.stated += probabilities[one]
      bin.happened += one === outcome ? 1 : 0
    }
  }
  const distance = bins.reduce((sum, { stated, happened }) => sum + Math.abs(stated - happened), 0)
  return judged.length === 0 ? 0 : distance / (judged.length * OUTCOMES.length)
}

/**
 * Probabilities of decimal odds without the margin by the power method: p^k with the k that makes them sum to one.
 * Clarke, Kovalchik and Ingram (2017), "Adjusting Bookmaker's Odds to Allow for Overround", American Journal of
 * Sports Science 5(6), 45-49.
 * @throws MARKET_PROBABILITIES_INVALID for fewer than two odds, or odds of 1 and less
 */
export function deVig(decimalOdds: readonly number[]): number[] {
  if (decimalOdds.length < 2 || decimalOdds.some((odds) => !(odds > 1 && Number.isFinite(odds)))) {
    throw aiError('MARKET_PROBABILITIES_INVALID')
  }
  const surprises = decimalOdds.map(Math.log)
  const powersAt = (exponent: number) => surprises.map((surprise) => Math.exp(-exponent * surprise))
  // Newton's method on a falling convex function, from its left: it climbs to the root and never passes it.
  let exponent = 0
  for (let round = 0; round < DE_VIG_ROUNDS; round++) {
    const powers = powersAt(exponent)
    const excess = sumOf(powers) - 1
    if (Math.abs(excess) < DE_VIG_TOLERANCE) break
    exponent += excess / sumOf(powers.map((power, index) => power * (surprises[index] ?? 0)))
  }
  const powers = powersAt(exponent)
  const total = sumOf(powers)
  return powers.map((power) => power / total)
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0)
