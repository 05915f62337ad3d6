import type { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { deriveSubkey, toHmacKey } from '../crypto/keyed-hash.ts'
import { authError } from './errors.ts'
import { isServiceName } from './service-names.ts'

/** One HMAC key per (caller, callee): whoever holds one cannot speak as, or to, another. */
export type ServiceKeys = { between: (caller: string, callee: string) => KeyObject }

const MIN_SECRET_BYTES = 32
// Callers arrive as unchecked text in tokens: the cache stays bounded whatever they claim.
const MAX_REMEMBERED_KEYS = 256

/**
 * The master secret of this process: the configured text, or in the embedded run a subkey of the
 * operator's root. Throws SERVICE_SECRET_INVALID when neither is there.
 */
export function masterSecretOf(configured: string | null, operatorRoot: Buffer | null): Buffer {
  if (configured !== null) return Buffer.from(configured, 'utf8')
  if (operatorRoot) return deriveSubkey(operatorRoot, 'service secret')
  throw authError('SERVICE_SECRET_INVALID')
}

/** Derives the pairwise keys from one master secret by HKDF-SHA256 (RFC 5869). */
export function deriveServiceKeys(masterSecret: Buffer): ServiceKeys {
  if (masterSecret.length < MIN_SECRET_BYTES) throw authError('SERVICE_SECRET_INVALID')
  const remembered = new LRUCache<string, KeyObject>({ max: MAX_REMEMBERED_KEYS })

  const derive = (caller: string, callee: string) => {
    if (!isServiceName(caller) || !isServiceName(callee)) throw authError('SERVICE_NAME_INVALID')
    return toHmacKey(deriveSubkey(masterSecret, `service token v1 ${caller}>${callee}`))
  }

  return {
    between: (caller, callee) => {
      const pair = `${caller}>${callee}`
      const known = remembered.get(pair)
      if (known) return known
      const key = derive(caller, callee)
      remembered.set(pair, key)
      return key
    },
  }
}
