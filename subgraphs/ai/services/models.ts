import { createRowBatch } from '#kernel/db/batches.ts'
import { transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { AiModel } from '../entities/ai-model.ts'
import { aiError } from '../errors.ts'
import { retireOthers } from './model-registry.ts'
import type { LoadedModel, ModelAtHand } from './model-source.ts'
import type { AiRequest } from './request.ts'

/** A model that makes predictions: its row and its bytes. */
export type ActiveModel = LoadedModel & { id: string }

/** Why a prediction cannot be made: told apart for whoever runs the platform. */
type Unavailable = 'MODEL_FILE_ALTERED' | 'MODEL_FILE_INVALID' | 'NO_ACTIVE_MODEL'

const unavailable = (reason: Unavailable) => aiError('MODEL_UNAVAILABLE', { reason })

export type ModelDeps = {
  atHand: ModelAtHand
  /** Writes down the model at hand, once. */
  register: () => Promise<void>
}

type Change = { id: string; isActive: boolean }

async function setActive(
  request: AiRequest,
  { atHand, register }: ModelDeps,
  { id, isActive }: Change,
) {
  const { viewer, audit, clock, read } = request
  if (viewer.reach.kind !== 'platform') throw aiError('MODELS_PLATFORM_ONLY')
  if (!isDecimalId(id)) throw aiError('MODEL_NOT_FOUND')
  await register()
  return transactional(read(), async (tx) => {
    const row = await tx.findOne(AiModel, { id })
    if (!row) throw aiError('MODEL_NOT_FOUND')
    if (isActive) checkFit(row, atHand)
    if (row.isActive === isActive) return row
    Object.assign(row, { isActive, updatedAt: clock.now() })
    await tx.flush()
    if (isActive) await retireOthers(tx, row, clock.now())
    await audit.record(tx, {
      ...{ viewer, outcome: 'done', tenantId: null, guildId: null },
      action: isActive ? 'model.activate' : 'model.retire',
      resource: { type: 'ai-model', id },
      details: { model: row.modelName, version: row.modelVersion },
    })
    return row
  })
}

/** @throws MODEL_BELOW_BASELINE; MODEL_UNAVAILABLE when its bytes are not at hand */
function checkFit({ beatsBaseline, fileHash }: AiModel, { loaded, trouble }: ModelAtHand): void {
  if (!beatsBaseline) throw aiError('MODEL_BELOW_BASELINE')
  if (loaded?.fileHash !== fileHash) throw unavailable(trouble ?? 'NO_ACTIVE_MODEL')
}

export type Models = ReturnType<typeof createModels>

/** Registered models, and which of them makes predictions. */
export function createModels(request: AiRequest, deps: ModelDeps) {
  const { read } = request
  const { atHand, register } = deps
  const load = createRowBatch(
    (ids) => read().find(AiModel, { id: { $in: [...ids] } }),
    ({ id }: AiModel) => id,
  )
  const isAtHand = ({ fileHash }: AiModel) => atHand.loaded?.fileHash === fileHash
  return {
    byId: async (id: string) => {
      await register()
      return isDecimalId(id) ? load(id) : null
    },
    /** @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    page: async (query: ListQuery<AiModel>) => {
      await register()
      return findList(read(), AiModel, query)
    },
    isAtHand,
    /** Chosen, and its file is the one that was trained. */
    isActive: (row: AiModel) => row.isActive && isAtHand(row),
    /** The model that makes predictions now. @throws MODEL_UNAVAILABLE */
    active: async (): Promise<ActiveModel> => {
      const { loaded, trouble } = atHand
      if (!loaded) throw unavailable(trouble)
      await register()
      const { fileHash, model } = loaded
      const row = await read().findOne(AiModel, {
        ...{ modelName: model.name, modelVersion: model.version, fileHash, isActive: true },
      })
      if (!row) throw unavailable('NO_ACTIVE_MODEL')
      return { ...loaded, id: row.id }
    },
    /**
     * Has a model make the predictions from now on; the one before is retired.
     * @throws MODELS_PLATFORM_ONLY, MODEL_NOT_FOUND, MODEL_BELOW_BASELINE, MODEL_UNAVAILABLE
     */
    activate: (id: string) => setActive(request, deps, { id, isActive: true }),
    /** @throws MODELS_PLATFORM_ONLY, MODEL_NOT_FOUND */
    retire: (id: string) => setActive(request, deps, { id, isActive: false }),
  }
}
