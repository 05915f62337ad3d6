import { readFileSync, statSync } from 'node:fs'
import { chmod, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDomainError } from '../errors.ts'
import { newId, type Randomness } from '../ids.ts'
import { cryptoError } from './errors.ts'
import {
  addOperatorKeyVersion,
  newOperatorKeyText,
  type OperatorKeys,
  parseOperatorKeys,
} from './operator-key.ts'

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

/** `wx` makes the file and refuses one that stands; `w` writes it anew. */
async function writeDurably(path: string, text: string, flags: 'wx' | 'w' = 'wx'): Promise<void> {
  const file = await open(path, flags, 0o600)
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

function readAgain(path: string): OperatorKeys {
  try {
    return parseOperatorKeys(readFileSync(path, 'utf8'))
  } catch (cause) {
    if (isDomainError(cause)) throw cause
    throw cryptoError('OPERATOR_KEY_MISSING', { path }, { cause })
  }
}

/**
 * The keys of a file that grows: a version that is not known yet is looked for once more when the
 * file has changed, so that a running process reads what a rotation beside it has re-wrapped.
 */
function followFile(path: string, first: OperatorKeys): OperatorKeys {
  let keys = first
  let readAtMs = statSync(path).mtimeMs
  const refresh = () => {
    const changedAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? readAtMs
    if (changedAtMs === readAtMs) return
    const read = readAgain(path)
    if (!read.root.equals(first.root)) {
      throw cryptoError('OPERATOR_KEY_INVALID', { reason: 'its root is another one' })
    }
    keys = read
    readAtMs = changedAtMs
  }
  return {
    root: first.root,
    get newest() {
      return keys.newest
    },
    get versions() {
      return keys.versions
    },
    byVersion: (version) => {
      if (!keys.versions.includes(version)) refresh()
      return keys.byVersion(version)
    },
  }
}

/** A draft left by a process that died is for the operator to remove: nobody here can tell it from one in use. */
async function takeDraft(draft: string): Promise<void> {
  try {
    await writeDurably(draft, '')
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) throw cryptoError('OPERATOR_KEY_ROTATING', { draft }, { cause })
    throw cause
  }
}

/**
 * Gives the file one newer version, whole or not at all; root and older versions stay. What it
 * wraps from then on cannot be read without it: back the file up.
 * @returns the new version
 * @throws OPERATOR_KEY_ROTATING, OPERATOR_KEY_INVALID, OPERATOR_KEY_MISSING
 */
export async function addVersionToFile(path: string, randomness: Randomness): Promise<number> {
  const draft = `${path}.next`
  // Taken before the file is read: of two rotations at once the second must see the first's version.
  await takeDraft(draft)
  try {
    const present = await readIfThere(path)
    if (present === null) throw cryptoError('OPERATOR_KEY_MISSING', { path })
    const text = addOperatorKeyVersion(present, randomness)
    await writeDurably(draft, text, 'w')
    await rename(draft, path)
    return parseOperatorKeys(text).newest.version
  } catch (failure) {
    await rm(draft, { force: true })
    throw failure
  }
}

/** Loads the operator's keys. Throws OPERATOR_KEY_MISSING or OPERATOR_KEY_INVALID. */
export async function loadOperatorKeys(
  source: OperatorKeySource,
  randomness: Randomness,
): Promise<OperatorKeys> {
  if (source.kind === 'text') return parseOperatorKeys(source.text)
  const present = await readIfThere(source.path)
  if (present !== null) return followFile(source.path, parseOperatorKeys(present))
  if (source.mayCreate) await createFile(source.path, randomness)
  const created = source.mayCreate ? await readIfThere(source.path) : null
  if (created === null) throw cryptoError('OPERATOR_KEY_MISSING', { path: source.path })
  return followFile(source.path, parseOperatorKeys(created))
}
