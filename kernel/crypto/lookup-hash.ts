import type { KeyObject } from 'node:crypto'
import { cryptoError } from './errors.ts'
import { deriveSubkey, hmacSha256, toHmacKey } from './keyed-hash.ts'

/** Keyed hashes of personal values, for equality lookups without the value. */
export type LookupHash = {
  /**
   * HMAC-SHA256 of the value under the purpose's own subkey, 43 characters base64url. Equal values
   * of one purpose (`users.email`) are equal; across purposes nothing can be compared. The value is
   * taken as it is: normalise it first. Throws LOOKUP_VALUE_INVALID.
   */
  of: (purpose: string, value: string) => string
  /** Hash of a normalised e-mail address. Throws EMAIL_INVALID. */
  ofEmail: (purpose: string, email: string) => string
}

const MAX_VALUE = 1024
const MAX_EMAIL = 254
const MAX_LOCAL_PART = 64
const PURPOSE = /^[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}$/
// Purposes are written in code, a few dozen at most; the bound is a belt against misuse.
const MAX_PURPOSES = 256
const EMAIL = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}.]+(?:\.[^\s@\p{Cc}.]+)*$/u

/**
 * The form in which an e-mail address is compared and hashed: trimmed, Unicode NFKC, lower case.
 * Providers' own rules (dots, plus tags) are left alone: they differ. Throws EMAIL_INVALID.
 */
export function normalizeEmail(email: string): string {
  if (email.length > MAX_VALUE) throw cryptoError('EMAIL_INVALID')
  const normal = email.normalize('NFKC').toLowerCase().normalize('NFKC').trim()
  const localPart = normal.indexOf('@')
  const isValid = normal.length <= MAX_EMAIL && localPart <= MAX_LOCAL_PART && EMAIL.test(normal)
  if (!isValid) throw cryptoError('EMAIL_INVALID')
  return normal
}

/** Keyed hashes under subkeys of the operator's root, which no rotation changes. */
export function createLookupHash(operatorKeys: { root: Buffer }): LookupHash {
  const keys = new Map<string, KeyObject>()

  const keyOf = (purpose: string): KeyObject => {
    const known = keys.get(purpose)
    if (known) return known
    if (!PURPOSE.test(purpose)) throw cryptoError('COLUMN_CONTEXT_INVALID')
    const key = toHmacKey(deriveSubkey(operatorKeys.root, `lookup ${purpose}`))
    if (keys.size < MAX_PURPOSES) keys.set(purpose, key)
    return key
  }

  const of = (purpose: string, value: string): string => {
    if (value === '' || value.length > MAX_VALUE) throw cryptoError('LOOKUP_VALUE_INVALID')
    return hmacSha256(keyOf(purpose), value)
  }

  return { of, ofEmail: (purpose, email) => of(purpose, normalizeEmail(email)) }
}
