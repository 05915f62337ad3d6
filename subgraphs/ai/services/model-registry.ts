import type { Audit } from '#kernel/audit/audit.ts'
import { serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import { flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { newId, type Randomness } from '#kernel/ids.ts'
import { AiModel } from '../entities/ai-model.ts'
import type { LoadedModel } from './model-source.ts'

export type RegistryDeps = {
  database: Database
  audit: Audit
  clock: Clock
  randomness: Randomness
}

/** What is written down of a model's file. */
function factsOf({ model, fileHash }: LoadedModel) {
  const { evaluation } = model
  const { scores } = evaluation
  return {
    modelName: model.name,
    modelType: 'multinomial-logit',
    modelVersion: model.version,
    modelConfig: { parameters: model.parameters, weights: model.weights },
    accuracyScore: null,
    dataHash: model.dataHash,
    fileHash,
    metricName: 'log_loss',
    metricValue: scores.results.logLoss,
    baselineName: 'base_rate',
    baselineValue: scores.baseRate.logLoss,
    limitName: 'closing_odds',
    limitValue: scores.closingOdds.logLoss,
    sampleSize: scores.results.n,
    beatsBaseline: evaluation.beatsBaseline,
    card: { ...evaluation, trainedThrough: model.trainedThrough, results: model.results },
  }
}

/** Ends the work of every other model of this name. */
export const retireOthers = (tx: SqlEntityManager, { id, modelName }: AiModel, now: Date) =>
  updateWhere(tx, AiModel, {
    where: { modelName, isActive: true, id: { $ne: id } },
    set: { isActive: false, updatedAt: now },
  })

type Registering = { audit: Audit; viewer: Viewer; now: Date }

async function register(
  tx: SqlEntityManager,
  loaded: LoadedModel,
  { audit, viewer, now }: Registering,
): Promise<void> {
  const facts = factsOf(loaded)
  const { modelName, modelVersion, fileHash, beatsBaseline } = facts
  if (await tx.findOne(AiModel, { modelName, modelVersion, fileHash })) return
  const times = { createdAt: now, updatedAt: now, registeredAt: now }
  const row = tx.create(AiModel, { ...facts, ...times, isActive: beatsBaseline })
  tx.persist(row)
  // Taken: another process registered it meanwhile, which is as good.
  if (!(await flushUnlessTaken(tx))) return
  if (beatsBaseline) await retireOthers(tx, row, now)
  await audit.record(tx, {
    ...{ viewer, action: 'model.register', outcome: 'done', tenantId: null, guildId: null },
    resource: { type: 'ai-model', id: row.id },
    details: { model: modelName, version: modelVersion, fileHash, isActive: beatsBaseline },
  })
}

/**
 * Writes the model at hand down, once. It is active from then on if it beats its baseline; what the
 * platform decides later stands.
 */
export async function registerModel(deps: RegistryDeps, loaded: LoadedModel): Promise<void> {
  const { database, audit, clock, randomness } = deps
  const viewer = serviceViewer({
    serviceName: 'ai',
    reach: { kind: 'platform' },
    scopes: [],
    requestId: newId(randomness),
  })
  await transactional(database.acrossTenants(), (tx) =>
    register(tx, loaded, { audit, viewer, now: clock.now() }),
  )
}
