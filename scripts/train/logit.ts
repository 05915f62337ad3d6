import type { MatchFeatures } from '../../subgraphs/ai/services/forecast/match-state.ts'
import { FEATURES, type ModelWeights } from '../../subgraphs/ai/services/forecast/model-schema.ts'
import {
  byOutcome,
  OUTCOMES,
  type Outcome,
  softmax,
} from '../../subgraphs/ai/services/forecast/outcomes.ts'
import { solve } from './solve.ts'

/** What a logit learns from. */
export type Example = { readonly features: MatchFeatures; readonly outcome: Outcome }

const SIZE = FEATURES.length
const WIDTH = SIZE * OUTCOMES.length
const MOST_STEPS = 25
const TOLERANCE = 1e-9

/**
 * The weights of a multinomial logit with an L2 penalty, by Newton's method from zero. The problem is convex and no
 * chance takes part: the same examples give the same weights.
 */
export function fitLogit(examples: readonly Example[], ridge: number): ModelWeights {
  const rows = examples.map(({ features, outcome }) => ({
    values: FEATURES.map((feature) => features.values[feature]),
    outcome,
  }))
  let weights = new Float64Array(WIDTH)
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, curvature } = slopeAt(rows, weights, ridge)
    const move = solve(curvature, gradient)
    weights = weights.map((weight, index) => weight - (move[index] ?? 0))
    if (move.every((size) => Math.abs(size) < TOLERANCE)) break
  }
  return FEATURES.map((feature, index) => ({
    feature,
    ...byOutcome((outcome) => weights[OUTCOMES.indexOf(outcome) * SIZE + index] ?? 0),
  }))
}

type Row = { readonly values: readonly number[]; readonly outcome: Outcome }

/** Gradient and second derivatives of the penalised log-loss; weights stand outcome by outcome. */
function slopeAt(rows: readonly Row[], weights: Float64Array, ridge: number) {
  const gradient = weights.map((weight) => weight * ridge)
  const curvature = Array.from({ length: WIDTH }, (_, at) => {
    const line = new Float64Array(WIDTH)
    line[at] = ridge
    return line
  })
  for (const { values, outcome } of rows) {
    const chances = chancesAt(values, weights)
    OUTCOMES.forEach((one, at) => {
      const error = (chances[at] ?? 0) - (one === outcome ? 1 : 0)
      addTo(gradient, { values, offset: at * SIZE, factor: error })
      for (let other = 0; other <= at; other++) {
        const shared = (chances[at] ?? 0) * ((at === other ? 1 : 0) - (chances[other] ?? 0))
        values.forEach((value, index) => {
          const line = curvature[at * SIZE + index]
          if (line) addTo(line, { values, offset: other * SIZE, factor: shared * value })
        })
      }
    })
  }
  for (let row = 0; row < WIDTH; row++) {
    for (let column = row + 1; column < WIDTH; column++) mirror(curvature, row, column)
  }
  return { gradient, curvature }
}

function chancesAt(values: readonly number[], weights: Float64Array): number[] {
  const chances = softmax(
    byOutcome((outcome) => {
      const offset = OUTCOMES.indexOf(outcome) * SIZE
      return values.reduce((sum, value, index) => sum + value * (weights[offset + index] ?? 0), 0)
    }),
  )
  return OUTCOMES.map((outcome) => chances[outcome])
}

function addTo(
  line: Float64Array,
  { values, offset, factor }: { values: readonly number[]; offset: number; factor: number },
) {
  for (let index = 0; index < SIZE; index++) {
    line[offset + index] = (line[offset + index] ?? 0) + factor * (values[index] ?? 0)
  }
}

/** Only blocks on and below the diagonal were summed. */
function mirror(matrix: readonly Float64Array[], row: number, column: number): void {
  const line = matrix[row]
  const below = matrix[column]?.[row]
  if (line && below !== undefined) line[column] = below
}
