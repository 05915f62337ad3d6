import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AUDIT_OUTCOMES } from '#kernel/audit/audit.ts'
import { canonicalText } from '#kernel/audit/canonical.ts'
import { isServiceName } from '#kernel/auth/service-names.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { ACTOR_KINDS } from '../../entities/audit-log.ts'

/** What a sender's outbox may hold at most; what is kept of it is far less. */
const MAX_PAYLOAD_BYTES = 100_000
/** A little above what senders allow, because a masked card number may be longer than the number. */
const MAX_DETAILS_BYTES = 20_000

const Id = z.string().refine(isDecimalId)
const Token = z.string().regex(/^[\w-]{1,64}$/)
const Name = z.string().regex(/^[\w.:-]{1,40}$/)

const Details = z
  .record(
    z.string().max(100),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
  )
  .refine((details) => canonicalText(details, MAX_DETAILS_BYTES) !== null)

const KEPT = {
  at: z.iso.datetime({ precision: 3 }),
  actor: z.strictObject({
    kind: z.enum(ACTOR_KINDS),
    userId: Id.nullable(),
    keyId: Token.nullable(),
    sessionId: Token.nullable(),
    serviceName: z.string().refine(isServiceName).nullable(),
  }),
  requestId: z.string().regex(/^[\w.:-]{1,64}$/),
  action: Name,
  resource: z.strictObject({
    type: Name,
    id: z
      .string()
      .regex(/^[\w.:-]{1,50}$/)
      .nullable(),
  }),
  outcome: z.enum(AUDIT_OUTCOMES),
  tenantId: Id.nullable(),
  guildId: Id.nullable(),
  details: Details,
}

/** A record as it is kept: its client aside, which stands beside it as ciphertext. */
export const KeptRecord = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  ...KEPT,
})
export type KeptRecord = z.infer<typeof KeptRecord>

const Delivered = z.discriminatedUnion('version', [
  z.strictObject({ version: z.literal(1), ...KEPT }),
  z.strictObject({ version: z.literal(2), client: z.string().max(2_000).nullable(), ...KEPT }),
])

export type ReadRecord = { record: KeptRecord; client: string | null; isReadable: boolean }

export type ReceivedRecord = { payload: unknown; at: string; source: string }

/** The digest of a payload's canonical bytes, as its sender's outbox holds them. */
function digestOf(payload: unknown): string {
  try {
    const text = canonicalText(payload, MAX_PAYLOAD_BYTES)
    return text === null ? 'too-large' : createHash('sha256').update(text).digest('hex')
  } catch (failure) {
    // Nested deeper than any honest sender's: there is nothing to compare it with.
    if (failure instanceof RangeError) return 'too-deep'
    throw failure
  }
}

/** A part of something unreadable, where it is a plain name. */
function nameIn(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
  const part = (value as Record<string, unknown>)[name]
  return typeof part === 'string' && /^[\w.:-]{1,40}$/.test(part) ? part : null
}

/** What stands in the log in place of a record that nobody can read. */
function standIn({ payload, at, source }: ReceivedRecord): KeptRecord {
  const resource = (payload as { resource?: unknown } | null)?.resource ?? null
  return {
    version: 2,
    at: new Date(at).toISOString(),
    actor: { kind: 'service', userId: null, keyId: null, sessionId: null, serviceName: source },
    requestId: 'unreadable',
    action: 'audit.unreadable',
    resource: { type: nameIn(resource, 'type') ?? 'unknown', id: nameIn(resource, 'id') },
    outcome: 'failed',
    // Of what cannot be read nobody knows whose it is: the platform looks after it.
    tenantId: null,
    guildId: null,
    details: { digest: digestOf(payload) },
  }
}

/** The record of a delivery; what is none is kept as `audit.unreadable` with its digest. */
export function readRecord(received: ReceivedRecord): ReadRecord {
  const parsed = Delivered.safeParse(received.payload)
  if (!parsed.success) return { record: standIn(received), client: null, isReadable: false }
  if (parsed.data.version === 1) return { record: parsed.data, client: null, isReadable: true }
  const { client, ...record } = parsed.data
  return { record, client, isReadable: true }
}
