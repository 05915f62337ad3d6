import { isDomainError } from '../errors.ts'
import type { Randomness } from '../ids.ts'
import { cryptoError } from './errors.ts'
import { unwrapPersonKey, wrapPersonKey } from './key-wrapping.ts'
import type { OperatorKeys } from './operator-key.ts'
import type { PersonKeyRow, PersonKeyStore } from './person-key-store.ts'

export type RewrapDeps = {
  operatorKeys: OperatorKeys
  store: PersonKeyStore
  randomness: Randomness
}

/** How far a re-wrapping is; `failed` counts keys that no operator key at hand opens. */
export type RewrapProgress = { rewrapped: number; failed: number; remaining: number }

export type RewrapOptions = {
  batchSize?: number
  signal?: AbortSignal
  onProgress?: (progress: RewrapProgress) => void | Promise<void>
}

const DEFAULT_BATCH = 200

const isUnreadable = (failure: unknown) =>
  isDomainError(failure, 'PERSON_KEY_UNREADABLE') || isDomainError(failure, 'OPERATOR_KEY_UNKNOWN')

type Outcome = 'rewrapped' | 'failed' | 'changed'

async function rewrapOne(deps: RewrapDeps, row: PersonKeyRow): Promise<Outcome> {
  const { operatorKeys, store, randomness } = deps
  const key = tryUnwrap(operatorKeys, row)
  if (!key) return 'failed'
  const wrapping = { operatorKey: operatorKeys.newest, randomness }
  const after = wrapPersonKey(wrapping, { personId: row.personId, key })
  // Lost only to a shredding or to another re-wrapping: both leave nothing to do here.
  return (await store.replace(row, after)) ? 'rewrapped' : 'changed'
}

function tryUnwrap(operatorKeys: OperatorKeys, row: PersonKeyRow): Buffer | null {
  try {
    return unwrapPersonKey(operatorKeys, row)
  } catch (failure) {
    if (isUnreadable(failure)) return null
    throw failure
  }
}

/**
 * Wraps every person key under the newest operator key, batch by batch, oldest first by person id.
 * Data is never touched. It resumes by itself: what is done no longer matches, so a second run
 * continues. Throws REWRAP_ABORTED between two batches when the signal fires.
 */
export async function rewrapPersonKeys(
  deps: RewrapDeps,
  options: RewrapOptions = {},
): Promise<RewrapProgress> {
  const { batchSize = DEFAULT_BATCH, signal, onProgress } = options
  const version = deps.operatorKeys.newest.version
  const count = { rewrapped: 0, failed: 0, changed: 0 }
  let afterPersonId: string | null = null
  for (;;) {
    if (signal?.aborted) throw cryptoError('REWRAP_ABORTED', { rewrapped: count.rewrapped })
    const page = { afterPersonId, limit: batchSize }
    const rows: PersonKeyRow[] = await deps.store.findWrappedBelow(version, page)
    for (const row of rows) count[await rewrapOne(deps, row)] += 1
    const remaining = await deps.store.countWrappedBelow(version)
    const progress = { rewrapped: count.rewrapped, failed: count.failed, remaining }
    await onProgress?.(progress)
    const last = rows.at(-1)
    if (!last || rows.length < batchSize) return progress
    afterPersonId = last.personId
  }
}
