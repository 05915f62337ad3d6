import { LRUCache } from 'lru-cache'
import { deriveSubkey } from '../crypto/keyed-hash.ts'
import { authError } from './errors.ts'
import { isServiceName } from './service-names.ts'

/** One HMAC key per (caller, callee): whoever holds one cannot speak as, or to, another. */
export type ServiceKeys = { between: (caller: string, callee: string) => Buffer }

const MIN_SECRET_BYTES = 32
// Callers arrive as unchecked text in tokens: the cache stays bounded whatever they claim.
const MAX_REMEMBERED_KEYS = 256

/** Derives the pairwise keys from one master secret by HKDF-SHA256 (RFC 5869). */
export function deriveServiceKeys(masterSecret: Buffer): ServiceKeys {
  if (masterSecret.length < MIN_SECRET_BYTES) throw authError('SERVICE_SECRET_INVALID')
  const remembered = new LRUCache<string, Buffer>({ max: MAX_REMEMBERED_KEYS })

  const derive = (caller: string, callee: string) => {
    if (!isServiceName(caller) || !isServiceName(callee)) throw authError('SERVICE_NAME_INVALID')
    return deriveSubkey(masterSecret, `service token v1 ${caller}>${callee}`)
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
