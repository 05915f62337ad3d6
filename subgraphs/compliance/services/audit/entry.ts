import { createHash, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonicalText } from '#kernel/audit/canonical.ts'
import { deriveSubkey, hmacSha256, toHmacKey } from '#kernel/crypto/keyed-hash.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { KeptRecord } from './record.ts'

/** The count of the entries of all chains; whoever appends locks it first. */
export const ALL_CHAINS = 'all'
export const PLATFORM_CHAIN = 'platform'
/** What stands before the first entry of a chain. */
export const GENESIS = '0'.repeat(64)

/** Details of at most 20 kB, everything else is short. */
const MAX_CANONICAL_BYTES = 60_000

/** Where an entry stands. */
export const chainOf = (tenantId: string | null): string =>
  tenantId === null ? PLATFORM_CHAIN : `tenant:${tenantId}`

const Ciphertext = z.string().max(2_000).nullable()

/** What is hashed of an entry: everything that is kept. */
export const HashedEntry = z.strictObject({
  v: z.literal(1),
  id: z.string().refine(isDecimalId),
  chain: z.string().max(40),
  seq: z.int().min(1),
  source: z.string().max(30),
  key: z.string().max(64),
  prev: z.string().regex(/^[\da-f]{64}$/),
  recordedAt: z.iso.datetime({ precision: 3 }),
  record: KeptRecord,
  ipAddress: Ciphertext,
  userAgent: Ciphertext,
})
export type HashedEntry = z.infer<typeof HashedEntry>

/** The columns that say again what the canonical bytes say, for searching. */
export function columnsOf({ record, ...entry }: HashedEntry) {
  const { actor, resource } = record
  return {
    id: entry.id,
    tenantId: record.tenantId,
    guildId: record.guildId,
    chain: entry.chain,
    seq: entry.seq,
    source: entry.source,
    deliveryKey: entry.key,
    userId: actor.userId,
    actorKind: actor.kind,
    keyId: actor.keyId,
    sessionId: actor.sessionId,
    serviceName: actor.serviceName,
    requestId: record.requestId,
    action: record.action,
    outcome: record.outcome,
    resourceType: resource.type,
    resourceNumber: isDecimalId(resource.id) ? resource.id : null,
    resourceId: resource.id,
    details: record.details,
    ipAddress: entry.ipAddress,
    userAgent: entry.userAgent,
    at: new Date(record.at),
    recordedAt: new Date(entry.recordedAt),
    prevHash: entry.prev,
  }
}

/** SHA-256 in hexadecimal. */
export const hashOf = (canonical: string): string =>
  createHash('sha256').update(canonical, 'utf8').digest('hex')

/** The key that makes and checks chains: a subkey of the operator's root, so no rotation changes it. */
export const chainKeyOf = ({ root }: { root: Buffer }): KeyObject =>
  toHmacKey(deriveSubkey(root, 'audit chain'))

export const entryMacOf = (key: KeyObject, entryHash: string): string =>
  hmacSha256(key, `entry\n${entryHash}`)

/** Another MAC than that of the entry, so that no row of the log holds an older head's. */
export const headMacOf = (
  key: KeyObject,
  { chain, seq, hash }: { chain: string; seq: number; hash: string },
): string => hmacSha256(key, `head\n${chain}\n${seq}\n${hash}`)

/** The row of an entry: its columns, the bytes they come from, and what proves them. */
export function sealEntry(entry: HashedEntry, key: KeyObject) {
  const canonical = canonicalText(entry, MAX_CANONICAL_BYTES)
  // Its parts are bounded by the parser: a longer one is a fault of this file.
  if (canonical === null) throw new Error('an audit entry has no canonical form')
  const entryHash = hashOf(canonical)
  return { ...columnsOf(entry), canonical, entryHash, entryMac: entryMacOf(key, entryHash) }
}

/** The entry behind canonical bytes, or null where they are none. */
export function readCanonical(canonical: string): HashedEntry | null {
  const value = parseJson(canonical)
  const parsed = HashedEntry.safeParse(value)
  if (!parsed.success || canonicalText(value, MAX_CANONICAL_BYTES) !== canonical) return null
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (failure) {
    if (failure instanceof SyntaxError) return null
    throw failure
  }
}
