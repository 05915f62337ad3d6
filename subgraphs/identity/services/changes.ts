import { LockMode } from '@mikro-orm/core'
import type { Audit, AuditEntry } from '#kernel/audit/audit.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { Events } from '#kernel/events/events.ts'
import type { NewEvent } from '#kernel/events/stored-event.ts'
import { SecurityEvent, type SecurityEventDetails } from '../entities/security-event.ts'
import { Session } from '../entities/session.ts'
import type { ClientData, SealedClient } from './client-data.ts'
import type { Place } from './places.ts'
import { REVOCATIONS_TOPIC, type Revocation } from './revocations.ts'

/** One thing that happened: a change, a sign-in or a refusal. */
export type Change = {
  /** `resource.happened`, such as `role.granted`. */
  type: string
  /** Whom it concerns. */
  userId: string | null
  place: Place
  resource: { type: string; id: string | null }
  details?: SecurityEventDetails
  riskScore?: number
  /** False for a refusal. */
  isDone?: boolean
  revokes?: readonly Revoked[]
}

export type Changes = ReturnType<typeof createChanges>

const SECURITY = 'security'

/** The feed of the platform, or of one tenant. */
export const securityTopic = (tenantId: string | null) =>
  tenantId === null ? SECURITY : `${SECURITY}:${tenantId}`

type Written = Change & { at: Date; client: SealedClient }

function toRow(tx: SqlEntityManager, viewer: Viewer, change: Written) {
  const row = tx.create(SecurityEvent, {
    eventType: change.type,
    userId: change.userId,
    actorId: viewer.userId,
    tenantId: change.place.tenantId,
    guildId: change.place.guildId,
    ...change.client,
    details: change.details ?? {},
    riskScore: change.riskScore ?? null,
    requestId: viewer.requestId,
    at: change.at,
  })
  tx.persist(row)
  return row
}

/** What followers of the feed get: ids and plain words, never personal data. */
function toEvents(row: SecurityEvent): NewEvent[] {
  const { id, eventType, userId, actorId, tenantId, guildId, details, riskScore, at } = row
  const payload = { id, eventType, userId, actorId, tenantId, guildId, details, riskScore, at }
  const topics = tenantId == null ? [null] : [null, tenantId]
  return topics.map((topic) => ({ topic: securityTopic(topic), type: eventType, payload }))
}

const toAuditEntry = (viewer: Viewer, change: Change): AuditEntry => ({
  viewer,
  action: change.type,
  resource: change.resource,
  outcome: change.isDone === false ? 'refused' : 'done',
  ...change.place,
  details: { ...change.details, userId: change.userId },
})

type Revoked = Pick<Revocation, 'kind' | 'id'>

/** Persons asked for in one query. */
const AT_ONCE = 1_000

/** When the newest token of those persons was made whose maker's clock is ahead of this one. */
async function newestTokens(tx: SqlEntityManager, userIds: readonly string[], now: Date) {
  // A locking read: a plain one would see the sessions as they were when this transaction first read.
  const options = {
    ...{ orderBy: { lastUsedAt: 'asc' }, disableIdentityMap: true },
    lockMode: LockMode.PESSIMISTIC_READ,
  } as const
  const newest = new Map<string, Date>()
  for (let start = 0; start < userIds.length; start += AT_ONCE) {
    const userId = { $in: userIds.slice(start, start + AT_ONCE) }
    const where = { userId, endedAt: null, lastUsedAt: { $gt: now } }
    for (const session of await tx.find(Session, where, options)) {
      newest.set(session.userId, session.lastUsedAt)
    }
  }
  return newest
}

/**
 * Since when: now, but for a person never before the newest token, which another process may have
 * made by a clock that is ahead. Whoever makes one holds a lock that this transaction waited for.
 */
async function dated(
  tx: SqlEntityManager,
  revoked: readonly Revoked[],
  now: Date,
): Promise<Revocation[]> {
  const persons = revoked.filter(({ kind }) => kind === 'user').map(({ id }) => id)
  const newest = await newestTokens(tx, persons, now)
  return revoked.map(({ kind, id }) => {
    const at = (kind === 'user' && newest.get(id)) || now
    return { kind, id, at: at.toISOString() }
  })
}

/**
 * Writes what happened with the change itself: the audit record, the security event, its news on the
 * live feeds and the revocations. Called last in a transaction: the feeds are locked until its end.
 */
export function createChanges({
  audit,
  events,
  clock,
  clientData,
}: {
  audit: Audit
  events: Events
  clock: Clock
  clientData: ClientData
}) {
  const addRows = async (tx: SqlEntityManager, viewer: Viewer, changes: readonly Change[]) => {
    const at = clock.now()
    const rows: SecurityEvent[] = []
    for (const change of changes) {
      const parties = { actorId: viewer.userId, userId: change.userId }
      const client = await clientData.ofEvent(tx, viewer.client, parties)
      rows.push(toRow(tx, viewer, { ...change, at, client }))
    }
    await tx.flush()
    return { at, rows }
  }

  return {
    record: async (
      tx: SqlEntityManager,
      viewer: Viewer,
      changes: Change | readonly Change[],
    ): Promise<void> => {
      const all = [changes].flat()
      const { at, rows } = await addRows(tx, viewer, all)
      for (const change of all) await audit.record(tx, toAuditEntry(viewer, change))
      const revoked = all.flatMap(({ revokes = [] }) => revokes)
      const revocations = await dated(tx, revoked, at)
      await events.publish(tx, [
        ...revocations.map((payload) => ({ topic: REVOCATIONS_TOPIC, type: 'revoked', payload })),
        ...rows.flatMap(toEvents),
      ])
    },
  }
}
