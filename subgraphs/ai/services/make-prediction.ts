import { isDomainError } from '#kernel/errors.ts'
import type { AiPrediction, PredictionInput } from '../entities/ai-prediction.ts'
import type { FixtureFacts } from './fixture-facts.ts'
import { type Forecast, forecast, forecastFromMarket } from './forecast/forecast.ts'
import { marketMatrix } from './forecast/market-matrix.ts'
import { featuresOf, type MatchFeatures, type MatchState } from './forecast/match-state.ts'
import { dixonColesMatrix, fitOutcomes, type ScoreMatrix } from './forecast/score-matrix.ts'
import { teamNameOf } from './forecast/team-names.ts'
import { type MarketView, marketViewOf } from './market-view.ts'
import type { ActiveModel } from './models.ts'

/** Results after regular time: home, draw, away. */
const SUBJECT = 'match_result'
const BINS = 10

/** How long one prediction of a fixture stands. */
export const SLOT_MS = 300_000
export const slotOf = (at: Date) => Math.floor(at.getTime() / SLOT_MS)

/** The tenth that a probability lies in, 0 to 9. */
const binOf = (probability: number) => Math.min(Math.floor(probability * BINS), BINS - 1)

type Making = { active: ActiveModel; state: MatchState; now: Date }

/** Null for teams that the ratings cannot judge, as long as a market can. @throws TEAM_UNKNOWN, FIXTURE_WITHOUT_HISTORY */
function tryFeatures(
  state: MatchState,
  { home, away, startsAt }: FixtureFacts,
  market: MarketView | null,
): MatchFeatures | null {
  const isKnown = (team: string) => state.teams.has(team)
  const teams = { home: teamNameOf(home, isKnown), away: teamNameOf(away, isKnown) }
  try {
    return featuresOf(state, { ...teams, at: startsAt })
  } catch (failure) {
    const isUnrated =
      isDomainError(failure, 'TEAM_UNKNOWN') || isDomainError(failure, 'FIXTURE_WITHOUT_HISTORY')
    if (isUnrated && market !== null) return null
    throw failure
  }
}

function inputOf(
  { home, away }: FixtureFacts,
  features: MatchFeatures | null,
  { market, rho }: { market: MarketView | null; rho: number },
): PredictionInput {
  return {
    home,
    away,
    strengths: features && { goals: features.expectedGoals, rho },
    market: market?.outcomes ?? null,
    total: market?.total ?? null,
  }
}

/** The figures of a forecast as their columns. */
function figuresOf({ basis, probabilities, expectedGoals, logits, contributions }: Forecast) {
  const { home, draw, away } = probabilities
  const confidence = Math.max(home, draw, away)
  return {
    basis,
    predictionResult: { probabilities, logits, expectedGoals, contributions },
    ...{ homeProbability: home, drawProbability: draw, awayProbability: away },
    ...{ homeBin: binOf(home), drawBin: binOf(draw), awayBin: binOf(away) },
    expectedHomeGoals: expectedGoals.home,
    expectedAwayGoals: expectedGoals.away,
    confidenceScore: Math.round(confidence * 10_000) / 10_000,
    confidenceBucket: binOf(confidence),
  }
}

const UNSCORED = {
  ...{ actualResult: null, outcome: null, accuracyScore: null, isHit: null },
  ...{ logLoss: null, rps: null, brier: null, settledAt: null, resultVersion: null },
  isFinal: false,
} as const

export type NewPrediction = Omit<AiPrediction, 'id'>

/**
 * A prediction of a fixture that has not begun: the model's, blended with the market where it is
 * priced, or the market's alone for teams that the ratings cannot judge. Invented clubs have no
 * ratings, whatever their names.
 * @throws TEAM_UNKNOWN, FIXTURE_WITHOUT_HISTORY where nobody prices the result either
 */
export function makePrediction(fixture: FixtureFacts, making: Making): NewPrediction {
  const { active, state, now } = making
  const { model } = active
  const market = marketViewOf(fixture)
  const isInvented = fixture.isSimulated && market !== null
  const features = isInvented ? null : tryFeatures(state, fixture, market)
  const made = features
    ? forecast(model, features, market?.outcomes ?? null)
    : forecastFromMarket((market as MarketView).outcomes, market?.total ?? null)
  return {
    ...{ modelId: active.id, tenantId: null, userId: null, guildId: null, subject: SUBJECT },
    ...{ fixtureId: fixture.id, slot: slotOf(now), startsAt: fixture.startsAt, createdAt: now },
    ...figuresOf(made),
    inputData: inputOf(fixture, features, { market, rho: model.parameters.dixonColes.rho }),
    isSimulated: fixture.isSimulated,
    // A replayed match was played before: the model may have learnt from it.
    isHindsight: fixture.isReplayed || (features?.isHindsight ?? false),
    ...UNSCORED,
  } as NewPrediction
}

/** The score matrix of a prediction, again from what it was made of. */
export function matrixOf({ inputData, predictionResult }: AiPrediction): ScoreMatrix {
  const { strengths, market, total } = inputData
  if (strengths) {
    const raw = dixonColesMatrix(strengths.goals, strengths.rho)
    return fitOutcomes(raw, predictionResult.probabilities)
  }
  return marketMatrix(market ?? predictionResult.probabilities, total)
}
