import { type MarketTotal, marketMatrix } from './market-matrix.ts'
import type { MatchFeatures } from './match-state.ts'
import { FEATURES, type Feature, type MatchModel } from './model-schema.ts'
import { type ByOutcome, byOutcome, softmax } from './outcomes.ts'
import {
  dixonColesMatrix,
  expectedGoalsOf,
  fitOutcomes,
  type Goals,
  refuseUnlessProbabilities,
  type ScoreMatrix,
} from './score-matrix.ts'

/** Whose knowledge a forecast rests on. */
export const FORECAST_BASES = ['model', 'market', 'blend'] as const
export type ForecastBasis = (typeof FORECAST_BASES)[number]

/** What one feature adds to the logit of each result; over all features they sum to it. */
export type Contribution = ByOutcome & {
  readonly feature: Feature | 'market'
  /** The feature before the match; of the market, the weight that it has in the blend. */
  readonly value: number
}

export type Forecast = {
  /** They sum to one. */
  readonly probabilities: ByOutcome
  /** `softmax(logits)` are the probabilities. */
  readonly logits: ByOutcome
  readonly contributions: readonly Contribution[]
  /** Mean goals by `scoreMatrix`. */
  readonly expectedGoals: Goals
  readonly basis: ForecastBasis
  /** Its results are as likely as `probabilities` say: all prices of the fixture follow from it. */
  readonly scoreMatrix: ScoreMatrix
}

/** The part of a forecast that explains itself. */
export type Explanation = Pick<Forecast, 'probabilities' | 'logits' | 'contributions'>

/** What a forecast takes from a model; its ratings have spoken in the features. */
export type ForecastModel = Pick<MatchModel, 'weights' | 'parameters'>

/**
 * A three-way forecast that explains itself. With the market's probabilities (margin taken off) the logit is
 * (1 - w) x model + w x ln(market), w the model's `marketWeight`; without them it is the model's.
 * @throws MARKET_PROBABILITIES_INVALID
 */
export function forecast(
  model: ForecastModel,
  features: MatchFeatures,
  market: ByOutcome | null = null,
): Forecast {
  const explanation = explain(model, features, market)
  const raw = dixonColesMatrix(features.expectedGoals, model.parameters.dixonColes.rho)
  const scoreMatrix = fitOutcomes(raw, explanation.probabilities)
  return {
    ...explanation,
    expectedGoals: expectedGoalsOf(scoreMatrix),
    basis: market === null ? 'model' : 'blend',
    scoreMatrix,
  }
}

/** A forecast of the result alone. @throws MARKET_PROBABILITIES_INVALID */
export function explain(
  model: ForecastModel,
  features: MatchFeatures,
  market: ByOutcome | null,
): Explanation {
  const share = market === null ? 0 : model.parameters.marketWeight
  const own = contributionsOf(model, features, 1 - share)
  const contributions = market === null ? own : [...own, marketContribution(market, share)]
  const logits = byOutcome((outcome) =>
    contributions.reduce((sum, contribution) => sum + contribution[outcome], 0),
  )
  return { probabilities: softmax(logits), logits, contributions }
}

/**
 * The market's own forecast, for teams without ratings: its probabilities, and the score matrix that fits them and,
 * when known, how likely more goals than a line are.
 * @throws MARKET_PROBABILITIES_INVALID
 */
export function forecastFromMarket(market: ByOutcome, total: MarketTotal | null = null): Forecast {
  const contribution = marketContribution(market, 1)
  const { home, draw, away } = contribution
  const scoreMatrix = marketMatrix(market, total)
  return {
    probabilities: softmax({ home, draw, away }),
    logits: { home, draw, away },
    contributions: [contribution],
    expectedGoals: expectedGoalsOf(scoreMatrix),
    basis: 'market',
    scoreMatrix,
  }
}

function contributionsOf({ weights }: ForecastModel, { values }: MatchFeatures, share: number) {
  return FEATURES.map((feature, index): Contribution => {
    const row = weights[index]
    const value = values[feature]
    return { feature, value, ...byOutcome((outcome) => share * value * (row?.[outcome] ?? 0)) }
  })
}

function marketContribution(market: ByOutcome, share: number): Contribution {
  refuseUnlessProbabilities(market)
  return {
    feature: 'market',
    value: share,
    ...byOutcome((outcome) => share * Math.log(market[outcome])),
  }
}
