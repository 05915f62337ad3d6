import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { canonicalText } from '#kernel/audit/canonical.ts'
import { aiError } from '../../errors.ts'
import { type MatchModel, modelFileSchema, modelSchema } from './model-schema.ts'
import { PINNED_DIGEST } from './pinned-digest.ts'

export type { MatchModel } from './model-schema.ts'

/** The largest model file that is read or written. */
export const MAX_MODEL_BYTES = 600_000

/** Where the committed model lies: one line of JSON, named so that no formatter of JSON rewrites its bytes. */
export const MODEL_FILE = new URL('../../models/match-outcome.jsonl', import.meta.url)

/**
 * The model of a file's text, when its digest is the one it states.
 * @throws MODEL_FILE_INVALID when it is no model of this format; MODEL_FILE_ALTERED when its digest differs
 */
export function parseModelFile(text: string): MatchModel {
  return openFile(text).model
}

/**
 * The committed model, whose digest is also pinned in the code.
 * @throws as `parseModelFile`; MODEL_FILE_INVALID also when it cannot be read
 */
export async function readModelFile(file: URL = MODEL_FILE): Promise<MatchModel> {
  const { model, sha256 } = openFile(await readText(file))
  if (sha256 !== PINNED_DIGEST) throw aiError('MODEL_FILE_ALTERED')
  return model
}

async function readText(file: URL): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw aiError('MODEL_FILE_INVALID', {}, { cause })
  }
}

/** The text of a model's file and its digest; the same model gives the same bytes. @throws MODEL_FILE_INVALID */
export function printModelFile(model: MatchModel): { text: string; sha256: string } {
  const canonical = canonicalText(modelSchema.parse(model), MAX_MODEL_BYTES)
  if (canonical === null) throw aiError('MODEL_FILE_INVALID')
  const sha256 = sha256Of(canonical)
  return { text: `{"body":${canonical},"sha256":"${sha256}"}\n`, sha256 }
}

function openFile(text: string): { model: MatchModel; sha256: string } {
  if (Buffer.byteLength(text) > MAX_MODEL_BYTES) throw aiError('MODEL_FILE_INVALID')
  const file = modelFileSchema.safeParse(parseJson(text))
  if (!file.success) throw aiError('MODEL_FILE_INVALID', {}, { cause: file.error })
  const { body, sha256 } = file.data
  const canonical = canonicalText(body, MAX_MODEL_BYTES)
  if (canonical === null) throw aiError('MODEL_FILE_INVALID')
  if (sha256Of(canonical) !== sha256) throw aiError('MODEL_FILE_ALTERED')
  const model = modelSchema.safeParse(body)
  if (!model.success) throw aiError('MODEL_FILE_INVALID', {}, { cause: model.error })
  return { model: model.data, sha256 }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw aiError('MODEL_FILE_INVALID', {}, { cause })
  }
}

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')
