import { aiError } from '../../errors.ts'
import { type ByOutcome, byOutcome } from './outcomes.ts'

/** Goals of one team that a matrix tells apart: 0 to 15. What lies beyond is scaled in. */
export const MATRIX_SIZE = 16

const LEAST_GOALS = 0.05
const MOST_GOALS = 6
const LEAST_CORRECTION = 1e-6

/** Probability of each score: `matrix[homeGoals][awayGoals]`; all of them sum to one. */
export type ScoreMatrix = readonly (readonly number[])[]

/** Goals of each team; expected ones are means and need not be whole. */
export type Goals = { readonly home: number; readonly away: number }

/** One score and its probability. */
export type ScoreCell = {
  readonly homeGoals: number
  readonly awayGoals: number
  readonly probability: number
}

/**
 * Independent Poisson goals with the correction of low scores by `rho`, normalised.
 * Dixon and Coles (1997), "Modelling Association Football Scores and Inefficiencies in the Football Betting Market",
 * Applied Statistics 46(2), 265-280. Means are held to 0.05..6, where a matrix of 16 x 16 loses less than 0.001.
 */
export function dixonColesMatrix(expected: Goals, rho: number): ScoreMatrix {
  return fillDixonColes(emptyMatrix(), expected, rho)
}

export const emptyMatrix = (): WorkMatrix =>
  Array.from({ length: MATRIX_SIZE }, () => new Array<number>(MATRIX_SIZE).fill(0))

/** As `dixonColesMatrix`, into a matrix at hand: a search tries hundreds of them. */
export function fillDixonColes(matrix: WorkMatrix, expected: Goals, rho: number): WorkMatrix {
  const means = { home: bounded(expected.home), away: bounded(expected.away) }
  const [home, away] = [poissonOf(means.home), poissonOf(means.away)]
  for (let homeGoals = 0; homeGoals < MATRIX_SIZE; homeGoals++) {
    const row = matrix[homeGoals] ?? []
    const homeChance = home[homeGoals] ?? 0
    for (let awayGoals = 0; awayGoals < MATRIX_SIZE; awayGoals++) {
      row[awayGoals] = homeChance * (away[awayGoals] ?? 0)
    }
  }
  correctLowScores(matrix, means, rho)
  return normalise(matrix)
}

/** All scores in order of home, then away goals. */
export function cellsOf(matrix: ScoreMatrix): ScoreCell[] {
  return matrix.flatMap((row, homeGoals) =>
    row.map((probability, awayGoals) => ({ homeGoals, awayGoals, probability })),
  )
}

/** How likely each result is by this matrix. */
export function outcomeProbabilities(matrix: ScoreMatrix): ByOutcome {
  let [home, draw, away] = [0, 0, 0]
  // By index: training asks this for every match, and a list of cells would cost more than the sums.
  for (let homeGoals = 0; homeGoals < matrix.length; homeGoals++) {
    const row = matrix[homeGoals] ?? []
    for (let awayGoals = 0; awayGoals < row.length; awayGoals++) {
      const probability = row[awayGoals] ?? 0
      if (homeGoals > awayGoals) home += probability
      else if (homeGoals < awayGoals) away += probability
      else draw += probability
    }
  }
  return { home, draw, away }
}

/** Mean goals of each team by this matrix. */
export function expectedGoalsOf(matrix: ScoreMatrix): Goals {
  let [home, away] = [0, 0]
  for (const { homeGoals, awayGoals, probability } of cellsOf(matrix)) {
    home += homeGoals * probability
    away += awayGoals * probability
  }
  return { home, away }
}

/**
 * The nearest matrix (in the sense of Kullback and Leibler) whose results are as likely as stated: each of the three
 * regions of home wins, draws and away wins is scaled by one factor. They do not overlap, so that one step is exact.
 * @throws MARKET_PROBABILITIES_INVALID when the three do not sum to one within 1e-6
 */
export function fitOutcomes(matrix: ScoreMatrix, wanted: ByOutcome): ScoreMatrix {
  refuseUnlessProbabilities(wanted)
  return scaleOutcomes(copyOf(matrix), wanted)
}

/** A matrix of one's own, to be changed in place. */
export type WorkMatrix = number[][]

export const copyOf = (matrix: ScoreMatrix): WorkMatrix => matrix.map((row) => row.slice())

/** As `fitOutcomes`, unchecked and in place: markets are fitted by hundreds of such steps. */
export function scaleOutcomes(matrix: WorkMatrix, wanted: ByOutcome): WorkMatrix {
  const present = outcomeProbabilities(matrix)
  const factor = byOutcome((outcome) => wanted[outcome] / present[outcome])
  for (let homeGoals = 0; homeGoals < matrix.length; homeGoals++) {
    const row = matrix[homeGoals] ?? []
    for (let awayGoals = 0; awayGoals < row.length; awayGoals++) {
      const scale =
        homeGoals > awayGoals ? factor.home : homeGoals < awayGoals ? factor.away : factor.draw
      row[awayGoals] = (row[awayGoals] ?? 0) * scale
    }
  }
  return normalise(matrix)
}

/** @throws MARKET_PROBABILITIES_INVALID unless each lies within 0..1, exclusively, and they sum to one */
export function refuseUnlessProbabilities({ home, draw, away }: ByOutcome): void {
  const all = [home, draw, away]
  const isEach = all.every((probability) => probability > 0 && probability < 1)
  if (!isEach || Math.abs(home + draw + away - 1) > 1e-6) {
    throw aiError('MARKET_PROBABILITIES_INVALID')
  }
}

const bounded = (mean: number) => Math.min(Math.max(mean, LEAST_GOALS), MOST_GOALS)

function poissonOf(mean: number): number[] {
  const chances = [Math.exp(-mean)]
  for (let goals = 1; goals < MATRIX_SIZE; goals++) {
    chances.push(((chances[goals - 1] ?? 0) * mean) / goals)
  }
  return chances
}

/** Moves chance between the four lowest scores. */
function correctLowScores(matrix: WorkMatrix, { home, away }: Goals, rho: number): void {
  const factors = [
    [1 - home * away * rho, 1 + home * rho],
    [1 + away * rho, 1 - rho],
  ]
  factors.forEach((line, homeGoals) => {
    const row = matrix[homeGoals] ?? []
    line.forEach((factor, awayGoals) => {
      row[awayGoals] = (row[awayGoals] ?? 0) * Math.max(factor, LEAST_CORRECTION)
    })
  })
}

function normalise(matrix: WorkMatrix): WorkMatrix {
  let total = 0
  for (let home = 0; home < matrix.length; home++) {
    const row = matrix[home] ?? []
    for (let away = 0; away < row.length; away++) total += row[away] ?? 0
  }
  for (let home = 0; home < matrix.length; home++) {
    const row = matrix[home] ?? []
    for (let away = 0; away < row.length; away++) row[away] = (row[away] ?? 0) / total
  }
  return matrix
}
