import { type AggregateRow, aggregate } from '#kernel/db/aggregates.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import {
  AiPrediction,
  PREDICTED_OUTCOMES,
  PREDICTION_BASES,
  type PredictedOutcome,
  type PredictionBasis,
} from '../entities/ai-prediction.ts'
import type { Models } from './models.ts'
import type { AiRequest } from './request.ts'

/** Figures of the predictions that count; `basis` null: of all of them. */
export type ScorecardRow = {
  basis: PredictionBasis | null
  /** Fixtures. */
  n: number
  logLoss: number
  rps: number
  brier: number
  /** Share of fixtures whose likeliest result came. */
  accuracy: number
  /** Expected calibration error: ten bins, all three results. */
  ece: number
}

export type Scorecard = { modelId: string; all: ScorecardRow | null; byBasis: ScorecardRow[] }

const MEASURED = ['logLoss', 'rps', 'brier', 'accuracyScore'] as const

type Counting = (typeof PREDICTED_OUTCOMES)[number]
const BIN = { home: 'homeBin', draw: 'drawBin', away: 'awayBin' } as const
const PROBABILITY = {
  home: 'homeProbability',
  draw: 'drawProbability',
  away: 'awayProbability',
} as const

/** One bin of stated probabilities of one basis: what was stated in sum, and how often it came. */
type Bin = { basis: string; bin: string; stated: number; happened: number }

type Scored = { modelId: string; isFinal: true; isHindsight: false; isSimulated: boolean }

/** What was stated of one result, and how often that result came, by basis and tenth. */
async function binsOf(em: SqlEntityManager, where: Scored, result: Counting): Promise<Bin[]> {
  const rows = await aggregate(em, AiPrediction, {
    where,
    groupBy: ['basis', BIN[result], 'outcome'],
    measured: [PROBABILITY[result]],
  })
  return rows.map(({ group, count, measures }) => ({
    basis: group.basis ?? '',
    bin: group[BIN[result]] ?? '',
    stated: measures.sum[PROBABILITY[result]] ?? 0,
    happened: group.outcome === (result satisfies PredictedOutcome) ? count : 0,
  }))
}

/** Bins of all three results are the same bins. */
function calibrationError(bins: readonly Bin[], n: number): number {
  const distances = [...Map.groupBy(bins, ({ bin }) => bin).values()].map((rows) =>
    Math.abs(rows.reduce((sum, { stated, happened }) => sum + stated - happened, 0)),
  )
  return distances.reduce((sum, distance) => sum + distance, 0) / (n * PREDICTED_OUTCOMES.length)
}

function toRow(
  basis: PredictionBasis | null,
  { count: n, measures: { sum } }: AggregateRow,
  bins: readonly Bin[],
): ScorecardRow {
  // Not the database's own means: MariaDB rounds those of decimals.
  const mean = (name: (typeof MEASURED)[number]) => (sum[name] ?? 0) / n
  return {
    ...{ basis, n, logLoss: mean('logLoss'), rps: mean('rps'), brier: mean('brier') },
    accuracy: mean('accuracyScore'),
    ece: calibrationError(bins, n),
  }
}

export type Scorecards = ReturnType<typeof createScorecards>

/** What became of a model's predictions, counted by the database from the stored ones. */
export function createScorecards({ read }: Pick<AiRequest, 'read'>, models: Pick<Models, 'byId'>) {
  return {
    /**
     * Of the last prediction before kick-off of each fixture; those made with hindsight count
     * nowhere. Null for a model that nobody knows.
     */
    of: async (modelId: string, isSimulated: boolean): Promise<Scorecard | null> => {
      if (!(await models.byId(modelId))) return null
      const em = read()
      const where: Scored = { modelId, isFinal: true, isHindsight: false, isSimulated }
      const [all] = await aggregate(em, AiPrediction, { where, groupBy: [], measured: MEASURED })
      if (!all || all.count === 0) return { modelId, all: null, byBasis: [] }
      const rows = await aggregate(em, AiPrediction, {
        where,
        groupBy: ['basis'],
        measured: MEASURED,
      })
      const bins: Bin[] = []
      for (const result of PREDICTED_OUTCOMES) bins.push(...(await binsOf(em, where, result)))
      const byBasis = PREDICTION_BASES.flatMap((basis) => {
        const row = rows.find(({ group }) => group.basis === basis)
        const own = bins.filter((bin) => bin.basis === basis)
        return row ? [toRow(basis, row, own)] : []
      })
      return { modelId, all: toRow(null, all, bins), byBasis }
    },
  }
}
