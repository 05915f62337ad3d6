import type { Viewer } from '../auth/viewer.ts'
import { maskCardNumbersWithin } from '../card-numbers.ts'
import type { SqlEntityManager } from '../db/database.ts'
import type { ErrorDetails } from '../errors.ts'
import { canonicalText } from './canonical.ts'
import type { ClientSeal } from './client-seal.ts'
import { auditError } from './errors.ts'
import { createOutbox, type Message, type OutboxDeps } from './outbox.ts'

/** The receiver that keeps the audit log. */
export const AUDIT_RECEIVER = 'audit'
export const AUDIT_KIND = 'audit.recorded'

export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

export type AuditEntry = {
  /** Who did it: kept as ids, which are pseudonyms. */
  viewer: Viewer
  /** `resource.verb`, such as `role.grant`. */
  action: string
  /** What it was done to; without id when there is none yet or the list was meant. */
  resource: { type: string; id: string | null }
  outcome: AuditOutcome
  tenantId: string | null
  guildId: string | null
  /** Ids, codes and figures; never personal data, never secrets. */
  details?: ErrorDetails
  /** The open transaction has made the resource: nobody else can have recorded anything of it. */
  isNew?: boolean
}

/** An audit entry as its receiver reads it out of the canonical bytes. */
export type AuditRecord = {
  version: 2
  at: string
  actor: Pick<Viewer, 'kind' | 'userId' | 'keyId' | 'sessionId' | 'serviceName'>
  /** From where, sealed (`client-seal.ts`): an outbox keeps no personal data in clear. */
  client: string | null
  requestId: string
} & Required<Omit<AuditEntry, 'viewer' | 'isNew'>>

export type Audit = ReturnType<typeof createAudit>

const NAME = /^[\w.:-]{1,40}$/
const RESOURCE_ID = /^[\w.:-]{1,50}$/
const MAX_DETAILS_BYTES = 16_384

function checkEntry({ action, resource, outcome, details = {} }: AuditEntry): void {
  const isValid =
    NAME.test(action) &&
    NAME.test(resource.type) &&
    (resource.id === null || RESOURCE_ID.test(resource.id)) &&
    AUDIT_OUTCOMES.includes(outcome) &&
    canonicalText(details, MAX_DETAILS_BYTES) !== null
  if (!isValid) throw auditError('AUDIT_INVALID')
}

/** A card number that slipped into a text is not written down (DESIGN rule 7). */
const withoutCardNumbers = (details: ErrorDetails) => maskCardNumbersWithin(details) as ErrorDetails

type Sealed = { at: Date; client: string | null }

function toRecord(entry: AuditEntry, { at, client }: Sealed): AuditRecord {
  const { kind, userId, keyId, sessionId, serviceName, requestId } = entry.viewer
  const { action, outcome, tenantId, guildId, details = {} } = entry
  const { type, id } = entry.resource
  return {
    version: 2,
    at: at.toISOString(),
    actor: { kind, userId, keyId, sessionId, serviceName },
    client,
    requestId,
    action,
    resource: { type, id },
    outcome,
    tenantId,
    guildId,
    details: withoutCardNumbers(details),
  }
}

/** The record of who did what, written with the change: no record, no change. */
export function createAudit({ clientSeal, ...deps }: OutboxDeps & { clientSeal: ClientSeal }) {
  const outbox = createOutbox(deps)
  const toMessage = (entry: AuditEntry): Message => ({
    receiver: AUDIT_RECEIVER,
    kind: AUDIT_KIND,
    aggregate: `${entry.resource.type}:${entry.resource.id ?? '-'}`,
    ...(entry.isNew && { isFirst: true }),
    payload: toRecord(entry, {
      at: deps.clock.now(),
      client: clientSeal.seal(entry.viewer.client),
    }),
  })
  return {
    /**
     * Records an act in the open transaction of `tx`, after its outcome is known; outside a
     * transaction it throws. `beside` are messages that tell of the same change, written by the same statement.
     * @throws AUDIT_INVALID, OUTBOX_INVALID
     */
    record: async (
      tx: SqlEntityManager,
      entry: AuditEntry,
      beside: readonly Message[] = [],
    ): Promise<void> => {
      checkEntry(entry)
      await outbox.sendAll(tx, [toMessage(entry), ...beside])
    },
  }
}
