import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const PREDICTION_BASES = ['model', 'market', 'blend'] as const
export type PredictionBasis = (typeof PREDICTION_BASES)[number]

export const PREDICTED_OUTCOMES = ['home', 'draw', 'away'] as const
export type PredictedOutcome = (typeof PREDICTED_OUTCOMES)[number]

type ByOutcome = Readonly<Record<PredictedOutcome, number>>
type Goals = { readonly home: number; readonly away: number }

/** What a prediction was made of; the score matrix follows from it. */
export type PredictionInput = {
  readonly home: string
  readonly away: string
  /** Mean goals by the model's strengths and its correction of low scores; null without ratings. */
  readonly strengths: { readonly goals: Goals; readonly rho: number } | null
  /** Probabilities of the market without its margin. */
  readonly market: ByOutcome | null
  /** How likely more goals than a line (thousandths) are. */
  readonly total: { readonly line: number; readonly over: number } | null
}

/** What it says and why. */
export type PredictionResult = {
  readonly probabilities: ByOutcome
  readonly logits: ByOutcome
  readonly expectedGoals: Goals
  readonly contributions: readonly (ByOutcome & {
    readonly feature: string
    readonly value: number
  })[]
}

export type ActualResult = Goals & { readonly outcome: PredictedOutcome }

const figure = () => p.double().$type<number>().runtimeType('number')
const share = () => p.decimal('number').precision(5).scale(4)
const bin = () => p.integer()

const AiPredictionSchema = defineEntity({
  name: 'AiPrediction',
  tableName: 'ai_predictions',
  uniques: [{ name: 'uniq_prediction_slot', properties: ['modelId', 'fixtureId', 'slot'] }],
  indexes: [
    { name: 'idx_model_time', properties: ['modelId', 'createdAt'] },
    { name: 'idx_prediction_fixture', properties: ['fixtureId', 'slot'] },
    { name: 'idx_prediction_scored', properties: ['modelId', 'isFinal'] },
    { name: 'idx_prediction_age', properties: ['isSimulated', 'createdAt'] },
  ],
  properties: {
    id: idColumn(),
    modelId: refColumn(),
    /** For whom it was made; predictions of fixtures belong to nobody. */
    tenantId: refColumn().nullable(),
    userId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    /** What it is about. */
    subject: p.string().length(40),
    fixtureId: refColumn(),
    /** Number of the five minutes, since 1970, that it was made in. */
    slot: p.integer(),
    /** Kick-off as it stood then. */
    startsAt: timeColumn(),
    basis: p.string().length(10).$type<PredictionBasis>(),
    inputData: p.json<PredictionInput>(),
    predictionResult: p.json<PredictionResult>(),
    homeProbability: figure(),
    drawProbability: figure(),
    awayProbability: figure(),
    /** Tenths of the probabilities, 0 to 9: what calibration is counted by. */
    homeBin: bin(),
    drawBin: bin(),
    awayBin: bin(),
    expectedHomeGoals: figure(),
    expectedAwayGoals: figure(),
    /** The largest of the three probabilities, and its tenth. */
    confidenceScore: share(),
    confidenceBucket: bin(),
    /** Made with knowledge of later matches: it stands in no scorecard. */
    isHindsight: p.boolean(),
    /** Of an invented match. */
    isSimulated: p.boolean(),
    createdAt: timeColumn(),
    actualResult: p.json<ActualResult>().nullable(),
    outcome: p.string().length(4).$type<PredictedOutcome>().nullable(),
    /** 1 when the likeliest result came, else 0. */
    accuracyScore: share().nullable(),
    isHit: p.boolean().nullable(),
    logLoss: figure().nullable(),
    rps: figure().nullable(),
    brier: figure().nullable(),
    /** The last one of its model before kick-off, once the result is known. */
    isFinal: p.boolean(),
    settledAt: timeColumn().nullable(),
    /** Version of the result that it was scored by; null before any was known. */
    resultVersion: p.integer().nullable(),
  },
})

/** What a model said of a fixture, kept as it was made, and what came of it. */
export class AiPrediction extends AiPredictionSchema.class {}
AiPredictionSchema.setClass(AiPrediction)
