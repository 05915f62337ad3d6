import { aiError } from '../../errors.ts'
import type { ByOutcome } from './outcomes.ts'
import {
  emptyMatrix,
  fillDixonColes,
  type Goals,
  outcomeProbabilities,
  refuseUnlessProbabilities,
  type ScoreMatrix,
  scaleOutcomes,
  type WorkMatrix,
} from './score-matrix.ts'

/** How likely more goals than a line are, of the cases that do not fall on it. */
export type MarketTotal = {
  /** Goals in thousandths, whole or half (2.5 is 2500). */
  readonly line: number
  /** Without the margin, 0..1. */
  readonly over: number
}

/** Goals of a match where no market on them is known: the mean of the five leagues the model was trained on. */
export const USUAL_TOTAL_GOALS = 2.7

const MARKET_RHO = -0.05
const FITTING_ROUNDS = 200
const BISECTIONS = 20
const TOLERANCE = 1e-10

/**
 * The score matrix that a market's prices imply: Poisson means whose difference fits the result and whose sum fits the
 * total (usual goals without one), then scaled until both hold exactly (iterative proportional fitting).
 * @throws MARKET_PROBABILITIES_INVALID also for a total whose line is neither whole nor half
 */
export function marketMatrix(market: ByOutcome, total: MarketTotal | null): ScoreMatrix {
  refuseUnlessProbabilities(market)
  const matrix = emptyMatrix()
  if (total === null) {
    fill(matrix, splitFor(matrix, market, USUAL_TOTAL_GOALS))
    return scaleOutcomes(matrix, market)
  }
  refuseUnlessTotal(total)
  const goals = bisect({ low: 0.4, high: 8 }, (sum) => {
    fill(matrix, splitFor(matrix, market, sum))
    return overShare(matrix, total.line) - total.over
  })
  fill(matrix, splitFor(matrix, market, goals))
  for (let round = 0; round < FITTING_ROUNDS; round++) {
    scaleTotal(scaleOutcomes(matrix, market), total)
    if (Math.abs(outcomeProbabilities(matrix).home - market.home) < TOLERANCE) break
  }
  return scaleOutcomes(matrix, market)
}

const fill = (matrix: WorkMatrix, goals: Goals) => fillDixonColes(matrix, goals, MARKET_RHO)

/** Means of this sum whose lead of home over away wins is the market's; `matrix` is there to try them in. */
function splitFor(matrix: WorkMatrix, { home, away }: ByOutcome, sum: number): Goals {
  const share = bisect({ low: 0.01, high: 0.99 }, (part) => {
    fill(matrix, { home: sum * part, away: sum * (1 - part) })
    const chances = outcomeProbabilities(matrix)
    return chances.home - chances.away - (home - away)
  })
  return { home: sum * share, away: sum * (1 - share) }
}

/** Where a rising function crosses zero, or the end that is nearer to it. */
function bisect({ low, high }: { low: number; high: number }, rising: (at: number) => number) {
  for (let round = 0; round < BISECTIONS; round++) {
    const middle = (low + high) / 2
    if (rising(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function overAndUnder(matrix: ScoreMatrix, line: number) {
  let [over, under] = [0, 0]
  for (let home = 0; home < matrix.length; home++) {
    const row = matrix[home] ?? []
    for (let away = 0; away < row.length; away++) {
      const beyond = (home + away) * 1000 - line
      if (beyond > 0) over += row[away] ?? 0
      if (beyond < 0) under += row[away] ?? 0
    }
  }
  return { over, under }
}

function overShare(matrix: ScoreMatrix, line: number): number {
  const { over, under } = overAndUnder(matrix, line)
  return over / (over + under)
}

/** Scales what lies over the line and what lies under it, in place. */
function scaleTotal(matrix: WorkMatrix, { line, over: wanted }: MarketTotal): void {
  const { over, under } = overAndUnder(matrix, line)
  const decided = over + under
  const [more, fewer] = [(wanted * decided) / over, ((1 - wanted) * decided) / under]
  for (let home = 0; home < matrix.length; home++) {
    const row = matrix[home] ?? []
    for (let away = 0; away < row.length; away++) {
      const beyond = (home + away) * 1000 - line
      if (beyond !== 0) row[away] = (row[away] ?? 0) * (beyond > 0 ? more : fewer)
    }
  }
}

function refuseUnlessTotal({ line, over }: MarketTotal): void {
  const isLine = Number.isInteger(line / 500) && line >= 500 && line <= 8500
  if (!isLine || !(over > 0 && over < 1)) throw aiError('MARKET_PROBABILITIES_INVALID', { line })
}
