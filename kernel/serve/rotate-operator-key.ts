import type { Config } from '../config.ts'
import { cryptoError } from '../crypto/errors.ts'
import { addOperatorKeyVersion } from '../crypto/operator-key.ts'
import { addVersionToFile, loadOperatorKeys } from '../crypto/operator-key-file.ts'
import type { RewrapProgress } from '../crypto/rewrap.ts'
import type { Randomness } from '../ids.ts'
import { serveError } from './errors.ts'
import type { Platform } from './platform.ts'

export type RotationOptions = {
  config: Pick<Config, 'operatorKey'>
  randomness: Randomness
  /** Opens the subgraphs with the keys as they stand then. */
  open: () => Promise<Platform>
  /** Adds no version: goes on with what an earlier run began. */
  isRewrapOnly: boolean
  say: (line: string) => void
  /** Stops between two batches. */
  signal: AbortSignal
}

const BACK_UP = 'Back it up now: what it wraps cannot be read without it.'

/** Adds a version where the key is kept. @returns false when the operator has to do that */
async function addVersion({ config, randomness, say }: RotationOptions): Promise<boolean> {
  const source = config.operatorKey
  if (!source) throw serveError('OPERATOR_KEY_UNSET')
  await loadOperatorKeys(source, randomness)
  if (source.kind === 'file') {
    const version = await addVersionToFile(source.path, randomness)
    say(`The operator key has a version ${version}, in ${source.path}. ${BACK_UP}`)
    return true
  }
  say('OPERATOR_KEY is given as text. Make it these lines, and restart every process with them:')
  say(addOperatorKeyVersion(source.text, randomness).trimEnd())
  say('Then run this command again with --rewrap-only.')
  return false
}

const inWords = (name: string, { rewrapped, remaining }: RewrapProgress) =>
  `${name}: ${rewrapped} keys re-wrapped, ${remaining} under older versions`

async function rewrapAll(platform: Platform, { say, signal }: RotationOptions): Promise<void> {
  for (const { name, rewrapKeys } of platform.services) {
    const onProgress = (progress: RewrapProgress) => say(inWords(name, progress))
    const result = await rewrapKeys({ signal, onProgress })
    if (!result) continue
    if (result.failed > 0) {
      throw cryptoError('OPERATOR_KEY_UNKNOWN', { subgraph: name, keys: result.failed })
    }
    say(`${inWords(name, result)}: done`)
  }
}

/**
 * Rotates the operator's key: a newer version, then every wrapped key under it, with lines of
 * progress. Stopped or killed on the way, a run with `isRewrapOnly` finishes it.
 * @throws OPERATOR_KEY_UNSET, OPERATOR_KEY_ROTATING, OPERATOR_KEY_UNKNOWN, REWRAP_ABORTED
 */
export async function rotateOperatorKey(options: RotationOptions): Promise<void> {
  if (!options.isRewrapOnly && !(await addVersion(options))) return
  const platform = await options.open()
  try {
    await rewrapAll(platform, options)
  } finally {
    await platform.stop(0)
  }
  options.say('Older versions may go once no process runs that started before this rotation.')
}
