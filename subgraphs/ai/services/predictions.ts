import { setImmediate } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { aggregate } from '#kernel/db/aggregates.ts'
import { createBatch } from '#kernel/db/batches.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { type DomainError, isDomainError } from '#kernel/errors.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { AiPrediction } from '../entities/ai-prediction.ts'
import { type FixtureFacts, fixtureFacts } from './fixture-facts.ts'
import { type FairPrice, fairPrices } from './forecast/fair-prices.ts'
import type { ScoreMatrix } from './forecast/score-matrix.ts'
import { makePrediction, matrixOf, type NewPrediction, slotOf } from './make-prediction.ts'
import type { ActiveModel, Models } from './models.ts'
import type { Ratings } from './ratings.ts'
import type { AiRequest } from './request.ts'
import {
  acrossTenantsInSlot,
  acrossTenantsLastBefore,
  acrossTenantsStore,
} from './stored-predictions.ts'

/** What follows from predictions, kept by every request of a process: it is costly, and never changes. */
export type Derived = ReturnType<typeof createDerived>
const MATRICES_KEPT = 500
const PRICES_KEPT = 200
export const createDerived = () => ({
  matrices: new LRUCache<string, ScoreMatrix>({ max: MATRICES_KEPT }),
  prices: new LRUCache<string, readonly FairPrice[]>({ max: PRICES_KEPT }),
})

export type PredictionDeps = { models: Models; ratings: Ratings; derived: Derived }

export const PREDICTION_GROUPS = ['modelId', 'basis', 'outcome'] as const
export const PREDICTION_MEASURES = ['logLoss', 'rps', 'brier', 'confidenceScore'] as const

/** Figures as a client asks for them. */
export type AggregateRequest = { where?: Where | null | undefined; groupBy: readonly string[] }

type Answer = AiPrediction | DomainError | null

/** Each fixture's own refusal refuses that fixture alone. */
function attempt(make: () => NewPrediction): NewPrediction | DomainError {
  try {
    return make()
  } catch (failure) {
    if (isDomainError(failure)) return failure
    throw failure
  }
}

async function makeAll(
  request: AiRequest,
  { ratings }: PredictionDeps,
  { active, fixtures, now }: { active: ActiveModel; fixtures: readonly FixtureFacts[]; now: Date },
): Promise<Map<string, Answer>> {
  const state = await ratings.of(active)
  const attempts: (readonly [string, NewPrediction | DomainError])[] = []
  for (const fixture of fixtures) {
    attempts.push([fixture.id, attempt(() => makePrediction(fixture, { active, state, now }))])
    // A page of them takes a while: others get their turn in between.
    await setImmediate()
  }
  const drafts = attempts.flatMap(([, made]) => (isDomainError(made) ? [] : [made]))
  const stored = await acrossTenantsStore(request, drafts)
  return new Map(
    attempts.map(([id, made]) => [id, isDomainError(made) ? made : (stored.get(id) ?? null)]),
  )
}

/** What was found, or the refusal that those get who need it; others have their answer. */
async function orRefusal<Found>(finding: Promise<Found>): Promise<Found | DomainError> {
  try {
    return await finding
  } catch (failure) {
    if (isDomainError(failure)) return failure
    throw failure
  }
}

async function predictAll(
  request: AiRequest,
  deps: PredictionDeps,
  ids: readonly string[],
): Promise<Answer[]> {
  const now = request.clock.now()
  const active = await orRefusal(deps.models.active())
  const key = isDomainError(active) ? null : { modelId: active.id, slot: slotOf(now) }
  const stored = key
    ? await acrossTenantsInSlot(request, key, ids)
    : new Map<string, AiPrediction>()
  const missing = ids.filter((id) => !stored.has(id))
  const facts = await orRefusal(fixtureFacts(request, missing))
  if (isDomainError(facts)) return ids.map((id) => stored.get(id) ?? facts)
  const known = [...facts.values()]
  const isOpen = ({ status, startsAt }: FixtureFacts) => status === 'SCHEDULED' && startsAt > now
  const open = known.filter(isOpen)
  const shown = await acrossTenantsLastBefore(
    request,
    known.filter((fixture) => !isOpen(fixture)),
  )
  const made = isDomainError(active)
    ? new Map<string, Answer>(open.map(({ id }) => [id, active]))
    : await makeAll(request, deps, { active, fixtures: open, now })
  return ids.map((id) => stored.get(id) ?? made.get(id) ?? shown.get(id) ?? null)
}

export type Predictions = ReturnType<typeof createPredictions>

/** Predictions of fixtures: stored when made, one for five minutes, the same for every asker. */
export function createPredictions(request: AiRequest, deps: PredictionDeps) {
  const { read } = request
  const load = createBatch<string, AiPrediction | null>((ids) => predictAll(request, deps, ids))
  const { matrices, prices } = deps.derived
  const matrixFor = (prediction: AiPrediction): ScoreMatrix => {
    const matrix = matrices.get(prediction.id) ?? matrixOf(prediction)
    matrices.set(prediction.id, matrix)
    return matrix
  }
  const pricesFor = (prediction: AiPrediction): readonly FairPrice[] => {
    const all = prices.get(prediction.id) ?? fairPrices(matrixFor(prediction))
    prices.set(prediction.id, all)
    return all
  }
  return {
    /**
     * What stands of a fixture to come, made now when it has to be; of one that has begun, the last
     * made before; null when there was none, or no such fixture.
     * @throws TEAM_UNKNOWN, FIXTURE_WITHOUT_HISTORY, MODEL_UNAVAILABLE, SERVICE_UNREACHABLE,
     *   SERVICE_TIMEOUT, SERVICE_ANSWER_INVALID
     */
    ofFixture: async (id: string): Promise<AiPrediction | null> =>
      isDecimalId(id) ? load(id) : null,
    /** How likely each score is; prices of all its markets follow from it. */
    matrixOf: matrixFor,
    /** Prices without a margin, all from that one matrix. */
    pricesOf: pricesFor,
    /** @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    page: (query: ListQuery<AiPrediction>) => findList(read(), AiPrediction, query),
    /** @throws WHERE_TOO_LARGE */
    aggregates: ({ where, groupBy }: AggregateRequest) => {
      const em = read()
      return aggregate(em, AiPrediction, {
        where: toCondition(em, AiPrediction, where),
        groupBy: PREDICTION_GROUPS.filter((group) => groupBy.includes(group)),
        measured: PREDICTION_MEASURES,
      })
    },
  }
}
