import { readFile } from 'node:fs/promises'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import { aiError } from '../errors.ts'
import {
  type MatchModel,
  MODEL_FILE,
  parseModelFile,
  printModelFile,
} from './forecast/model-file.ts'
import { PINNED_DIGEST } from './forecast/pinned-digest.ts'

/** Where a model's file lies, and the digest that its bytes must have. */
export type ModelSource = { file: URL; digest: string }

/** The model that comes with the product. */
export const COMMITTED_MODEL: ModelSource = { file: MODEL_FILE, digest: PINNED_DIGEST }

export type LoadedModel = { model: MatchModel; fileHash: string }

/** What the process holds: a model, or the code of what is wrong with its file. */
export type ModelAtHand =
  | { loaded: LoadedModel; trouble: null }
  | { loaded: null; trouble: 'MODEL_FILE_ALTERED' | 'MODEL_FILE_INVALID' }

/** @throws MODEL_FILE_INVALID, also for a file that is absent; MODEL_FILE_ALTERED */
async function readModel({ file, digest }: ModelSource): Promise<LoadedModel> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw aiError('MODEL_FILE_INVALID', {}, { cause })
  })
  const model = parseModelFile(text)
  const { sha256: fileHash } = printModelFile(model)
  // A file that was altered together with the digest it states is found by this one.
  if (fileHash !== digest) throw aiError('MODEL_FILE_ALTERED')
  return { model, fileHash }
}

/** Reads the model's file; without a sound one the subgraph runs on, and makes no predictions. */
export async function openModel(source: ModelSource, log: Logger): Promise<ModelAtHand> {
  try {
    return { loaded: await readModel(source), trouble: null }
  } catch (failure) {
    const isAltered = isDomainError(failure, 'MODEL_FILE_ALTERED')
    if (!isAltered && !isDomainError(failure, 'MODEL_FILE_INVALID')) throw failure
    const trouble = isAltered ? 'MODEL_FILE_ALTERED' : 'MODEL_FILE_INVALID'
    log.error({ err: failure, code: trouble }, 'the model file cannot be used')
    return { loaded: null, trouble }
  }
}
