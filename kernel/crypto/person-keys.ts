import { LRUCache } from 'lru-cache'
import { type Clock, systemClock } from '../clock.ts'
import type { Randomness } from '../ids.ts'
import { cryptoError } from './errors.ts'
import { unwrapPersonKey, wrapPersonKey } from './key-wrapping.ts'
import type { OperatorKeys } from './operator-key.ts'
import type { PersonKeyRow, PersonKeyStore } from './person-key-store.ts'
import { sealText, unsealText } from './sealed-box.ts'

/** Where a value stands: `table.column`. A ciphertext moved to another column does not decrypt. */
export type ColumnContext = { context: string }

/** One stored value to decrypt. */
export type EncryptedValue = ColumnContext & { personId: string; ciphertext: string }

export type PersonKeys = {
  /**
   * Versioned text `e1.<iv>.<ciphertext+tag>` under the person's key, which is made on first use.
   * Throws PERSON_KEY_MISSING for a person who was shredded, PLAINTEXT_TOO_LARGE.
   */
  encrypt: (personId: string, plaintext: string, column: ColumnContext) => Promise<string>
  /** Throws CIPHERTEXT_INVALID, PERSON_KEY_MISSING (also after shredding). */
  decrypt: (personId: string, ciphertext: string, column: ColumnContext) => Promise<string>
  /**
   * Many values with one look at the store; null where the person's key is gone. Throws
   * CIPHERTEXT_INVALID.
   */
  decryptMany: (values: readonly EncryptedValue[]) => Promise<(string | null)[]>
  /** Looks once for the keys of many persons, so that none of them is looked for alone. */
  preload: (personIds: readonly string[]) => Promise<void>
  /**
   * Destroys the person's key for good; answers false when there was none. Other processes forget
   * it within `cacheSeconds`. Throws PERSON_KEY_BUSY when others keep replacing the row.
   */
  shred: (personId: string) => Promise<boolean>
  /**
   * The same keys over a store bound to an open transaction. What it reads and makes stays out of
   * the shared cache, so that a rollback leaves no key behind that no row holds.
   */
  within: (store: PersonKeyStore) => PersonKeys
}

export type PersonKeysDeps = {
  operatorKeys: OperatorKeys
  store: PersonKeyStore
  randomness: Randomness
  clock?: Clock
  /** How long an unwrapped key is remembered; bounds how long a shredded key lives elsewhere. */
  cacheSeconds?: number
  cacheCapacity?: number
}

const KEY_BYTES = 32
const MAX_PLAINTEXT_BYTES = 1_000_000
const MAX_IDS_PER_LOOK = 1000
const MAX_SHRED_TRIES = 10
const PERSON_ID = /^[\w-]{1,64}$/
const CONTEXT = /^[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}$/

function sealOf(key: Buffer, personId: string, { context }: ColumnContext) {
  if (!CONTEXT.test(context)) throw cryptoError('COLUMN_CONTEXT_INVALID')
  return { format: 'e1', key, associated: `dbsbm:e1:${personId}:${context}` }
}

function decryptWith(key: Buffer, { personId, ciphertext, context }: EncryptedValue): string {
  const plaintext = unsealText(sealOf(key, personId, { context }), ciphertext)
  if (!plaintext) throw cryptoError('CIPHERTEXT_INVALID', { context })
  return plaintext.toString('utf8')
}

function checkPerson(personId: string): void {
  if (!PERSON_ID.test(personId)) throw cryptoError('PERSON_REFERENCE_INVALID')
}

type KeyCache = {
  get: (personId: string) => Buffer | undefined
  set: (personId: string, key: Buffer) => unknown
  delete: (personId: string) => unknown
}

function createKeyCache(deps: PersonKeysDeps): KeyCache {
  const { clock = systemClock, cacheSeconds = 60, cacheCapacity = 10_000 } = deps
  return new LRUCache<string, Buffer>({
    max: cacheCapacity,
    ttl: cacheSeconds * 1000,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
  })
}

/** Keys of persons, wrapped by the operator's key: whoever is shredded can never be read again. */
export function createPersonKeys(deps: PersonKeysDeps): PersonKeys {
  return bindPersonKeys(deps, createKeyCache(deps))
}

function createKeyring(deps: PersonKeysDeps, cache: KeyCache) {
  const { operatorKeys, store, randomness } = deps

  const remember = (row: PersonKeyRow): Buffer => {
    const key = unwrapPersonKey(operatorKeys, row)
    cache.set(row.personId, key)
    return key
  }

  /** Keys of the persons who have one; shredded and unknown persons are left out. */
  const findMany = async (personIds: readonly string[]): Promise<Map<string, Buffer>> => {
    const keys = new Map<string, Buffer>()
    const unknown = new Set<string>()
    for (const personId of personIds) {
      checkPerson(personId)
      const key = cache.get(personId)
      if (key) keys.set(personId, key)
      else unknown.add(personId)
    }
    for (const ids of chunks([...unknown], MAX_IDS_PER_LOOK)) {
      for (const row of await store.findMany(ids)) {
        if (row.wrappedKey !== null) keys.set(row.personId, remember(row))
      }
    }
    return keys
  }

  const findOrMake = async (personId: string): Promise<Buffer> => {
    const known = (await findMany([personId])).get(personId)
    if (known) return known
    const made = { personId, key: randomness.bytes(KEY_BYTES) }
    const row = wrapPersonKey({ operatorKey: operatorKeys.newest, randomness }, made)
    // The row that stands decides: another process may have made one, or it is a tombstone.
    return remember(await store.insert(row))
  }

  return { findMany, findOrMake }
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}

function bindPersonKeys(deps: PersonKeysDeps, cache: KeyCache): PersonKeys {
  const keyring = createKeyring(deps, cache)
  return {
    encrypt: async (personId, plaintext, column) => {
      const bytes = Buffer.from(plaintext, 'utf8')
      if (bytes.length > MAX_PLAINTEXT_BYTES) throw cryptoError('PLAINTEXT_TOO_LARGE')
      const key = await keyring.findOrMake(personId)
      return sealText(sealOf(key, personId, column), bytes, deps.randomness)
    },
    decrypt: async (personId, ciphertext, { context }) => {
      const key = (await keyring.findMany([personId])).get(personId)
      if (!key) throw cryptoError('PERSON_KEY_MISSING')
      return decryptWith(key, { personId, ciphertext, context })
    },
    decryptMany: async (values) => {
      const keys = await keyring.findMany(values.map(({ personId }) => personId))
      return values.map((value) => {
        const key = keys.get(value.personId)
        return key ? decryptWith(key, value) : null
      })
    },
    preload: async (personIds) => void (await keyring.findMany(personIds)),
    shred: (personId) => shredKey(deps.store, cache, personId),
    within: (store) => bindPersonKeys({ ...deps, store }, createTransactionCache(cache)),
  }
}

/** Reads through to the shared cache, writes only for itself, forgets for both. */
function createTransactionCache(shared: KeyCache): KeyCache {
  const own = new Map<string, Buffer>()
  return {
    get: (personId) => own.get(personId) ?? shared.get(personId),
    set: (personId, key) => own.set(personId, key),
    delete: (personId) => {
      own.delete(personId)
      shared.delete(personId)
    },
  }
}

async function shredKey(
  store: PersonKeyStore,
  cache: KeyCache,
  personId: string,
): Promise<boolean> {
  checkPerson(personId)
  // A re-wrapping may replace the row meanwhile; the shredding then meets the newer row.
  for (let tries = 0; tries < MAX_SHRED_TRIES; tries++) {
    cache.delete(personId)
    const [row] = await store.findMany([personId])
    if (!row || row.wrappedKey === null) return false
    if (await store.replace(row, { ...row, wrappedKey: null })) {
      cache.delete(personId)
      return true
    }
  }
  throw cryptoError('PERSON_KEY_BUSY')
}
