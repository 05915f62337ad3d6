import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { newId, type Randomness } from '../ids.ts'
import { cryptoError } from './errors.ts'
import { newOperatorKeyText, type OperatorKeys, parseOperatorKeys } from './operator-key.ts'

/** Where the operator's key comes from, as the configuration says it. */
export type OperatorKeySource =
  | { kind: 'text'; text: string }
  /** `mayCreate`: make the file (mode 0600) when it is not there; embedded runs only. */
  | { kind: 'file'; path: string; mayCreate: boolean }

const isCode = (failure: unknown, code: string) =>
  failure instanceof Error && 'code' in failure && failure.code === code

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return null
    throw cryptoError('OPERATOR_KEY_MISSING', { path }, { cause })
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the file whole or not at all; when two processes start at once, the first one's key stands. */
async function createFile(path: string, randomness: Randomness): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await chmod(dirname(path), 0o700)
  const draft = `${path}.${newId()}`
  await writeDurably(draft, newOperatorKeyText(randomness))
  try {
    await link(draft, path)
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause
  } finally {
    await rm(draft, { force: true })
  }
}

/** Loads the operator's keys. Throws OPERATOR_KEY_MISSING or OPERATOR_KEY_INVALID. */
export async function loadOperatorKeys(
  source: OperatorKeySource,
  randomness: Randomness,
): Promise<OperatorKeys> {
  if (source.kind === 'text') return parseOperatorKeys(source.text)
  const present = await readIfThere(source.path)
  if (present !== null) return parseOperatorKeys(present)
  if (source.mayCreate) await createFile(source.path, randomness)
  const created = source.mayCreate ? await readIfThere(source.path) : null
  if (created === null) throw cryptoError('OPERATOR_KEY_MISSING', { path: source.path })
  return parseOperatorKeys(created)
}
