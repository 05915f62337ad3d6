import type { Randomness } from '../ids.ts'
import { cryptoError } from './errors.ts'
import { deriveSubkey } from './keyed-hash.ts'

/** One version of the operator's key: 32 bytes that wrap the keys of persons. */
export type OperatorKey = { version: number; key: Buffer }

/** All versions at hand: the newest wraps, older ones still unwrap. */
export type OperatorKeys = {
  newest: OperatorKey
  /** Throws OPERATOR_KEY_UNKNOWN. */
  byVersion: (version: number) => OperatorKey
  versions: readonly number[]
  /**
   * Stays the same through every rotation: keyed hashes and derived secrets hang on it, and a
   * rotation must not touch stored data.
   */
  root: Buffer
}

const KEY_BYTES = 32
const MAX_TEXT = 16_384
const LINE = /^(?:v([1-9]\d{0,5})|root):([A-Za-z0-9+/]{43}=)$/
const BARE_KEY = /^[A-Za-z0-9+/]{43}=$/

const invalid = (reason: string) => cryptoError('OPERATOR_KEY_INVALID', { reason })

function decodeKey(base64: string): Buffer {
  const key = Buffer.from(base64, 'base64')
  if (key.length !== KEY_BYTES || key.toString('base64') !== base64) throw invalid('not 32 bytes')
  return key
}

function linesOf(text: string): string[] {
  if (text.length > MAX_TEXT) throw invalid('too long')
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const filled = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const [only] = filled
  return filled.length === 1 && only && BARE_KEY.test(only) ? [`v1:${only}`] : filled
}

type ParsedLines = { byVersion: Map<number, Buffer>; root: Buffer | null }

function parseLines(text: string): ParsedLines {
  const parsed: ParsedLines = { byVersion: new Map(), root: null }
  for (const line of linesOf(text)) {
    const [, versionText, base64 = ''] = LINE.exec(line) ?? []
    // The line itself is secret: the refusal does not quote it.
    if (!base64) throw invalid('a line has another form')
    const version = Number(versionText)
    if (versionText ? parsed.byVersion.has(version) : parsed.root)
      throw invalid('a line stands twice')
    if (versionText) parsed.byVersion.set(version, decodeKey(base64))
    if (!versionText) parsed.root = decodeKey(base64)
  }
  return parsed
}

/**
 * Reads lines `v<N>:<base64>` (a single bare base64 key counts as v1; `#` starts a comment) and at
 * most one line `root:<base64>`. Throws OPERATOR_KEY_INVALID.
 */
export function parseOperatorKeys(text: string): OperatorKeys {
  const { byVersion, root } = parseLines(text)
  const versions = [...byVersion.keys()].sort((left, right) => left - right)
  const keyOf = (version: number): OperatorKey => {
    const key = byVersion.get(version)
    if (!key) throw cryptoError('OPERATOR_KEY_UNKNOWN', { version })
    return { version, key }
  }
  const [oldest] = versions
  const newest = versions.at(-1)
  if (oldest === undefined || newest === undefined) throw invalid('no version')
  return {
    newest: keyOf(newest),
    byVersion: keyOf,
    versions,
    root: root ?? deriveSubkey(keyOf(oldest).key, 'root'),
  }
}

const keyLine = (name: string, key: Buffer) => `${name}:${key.toString('base64')}\n`

/** The text of a first operator key file. */
export function newOperatorKeyText(randomness: Randomness): string {
  return keyLine('v1', randomness.bytes(KEY_BYTES))
}

/**
 * The text with one newer version. The root is written out, so that old versions may be dropped
 * once every person key is re-wrapped.
 */
export function addOperatorKeyVersion(text: string, randomness: Randomness): string {
  const { newest, versions, byVersion, root } = parseOperatorKeys(text)
  const kept = versions.map((version) => keyLine(`v${version}`, byVersion(version).key))
  const added = keyLine(`v${newest.version + 1}`, randomness.bytes(KEY_BYTES))
  return [keyLine('root', root), ...kept, added].join('')
}
