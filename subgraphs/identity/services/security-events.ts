import type { Client } from '#kernel/auth/client.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { type AggregateRow, aggregate } from '#kernel/db/aggregates.ts'
import { createBatch } from '#kernel/db/batches.ts'
import { findPage, type PageArguments, type PageOrder } from '#kernel/db/keyset-pages.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import type { Resume } from '#kernel/events/resume.ts'
import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { SecurityEvent } from '../entities/security-event.ts'
import { identityError } from '../errors.ts'
import { securityTopic } from './changes.ts'
import type { Core } from './core.ts'
import type { Reads } from './reads.ts'

/** A security event as readers get it, from the table or live. */
export type SecurityEventView = Pick<
  SecurityEvent,
  | 'id'
  | 'eventType'
  | 'userId'
  | 'actorId'
  | 'tenantId'
  | 'guildId'
  | 'details'
  | 'riskScore'
  | 'at'
>

/** What security events can be grouped by. */
export const SECURITY_EVENT_GROUPS = ['eventType', 'userId', 'tenantId', 'guildId'] as const
export type SecurityEventGroup = (typeof SECURITY_EVENT_GROUPS)[number]

export type SecurityEvents = ReturnType<typeof createSecurityEvents>

/** The event that a live feed carries: identity itself wrote the payload. */
export function toSecurityEventView({ payload }: StoredEvent): SecurityEventView {
  const view = payload as Omit<SecurityEventView, 'at'> & { at: string }
  return { ...view, at: new Date(view.at) }
}

/** What happened to accounts and rights, within the viewer's reach. */
export function createSecurityEvents(core: Core, viewer: Viewer, reads: Reads) {
  const { database, events, clientData } = core
  const open = () => database.fork(viewer.reach)

  const findClients = async (ids: readonly string[]): Promise<Client[]> => {
    const found = await open().find(SecurityEvent, { id: { $in: [...ids] } })
    const clients = await clientData.readMany(found)
    const byId = new Map(found.map(({ id }, position) => [id, clients[position]]))
    return ids.map((id) => byId.get(id) ?? { ip: null, userAgent: null })
  }

  return {
    /** From where and with what it was done: live events do not carry it, so it is read by id. */
    clientOf: createBatch(findClients),

    list: async (query: {
      where: Where | null | undefined
      orderBy: PageOrder<SecurityEvent>
      page: PageArguments
    }) => {
      const em = open()
      const where = toCondition(em, SecurityEvent, query.where)
      const page = await findPage(em, SecurityEvent, { ...query, where })
      await reads.ofSecurityEvents(page.edges.map(({ node }) => node))
      return page
    },

    aggregates: (
      where: Where | null | undefined,
      groupBy: readonly SecurityEventGroup[],
    ): Promise<AggregateRow[]> => {
      const em = open()
      return aggregate(em, SecurityEvent, {
        where: toCondition(em, SecurityEvent, where),
        groupBy: [...new Set(groupBy)],
        measured: ['riskScore'],
      })
    },

    /** Events as they happen: the platform's, a tenant's or a guild's. @throws
     * SECURITY_FEED_NEEDS_REACH, CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_EXPIRED */
    follow: async (after: Resume | null, signal: AbortSignal) => {
      const { reach } = viewer
      if (reach.kind === 'none') throw identityError('SECURITY_FEED_NEEDS_REACH')
      await reads.ofSecurityFeed()
      const tenantId = reach.kind === 'platform' ? null : reach.tenantId
      const [topic, options] = [securityTopic(tenantId), { after, tenantId, signal }]
      if (reach.kind !== 'guild') return events.subscribe(topic, options)
      const filter = (event: StoredEvent) => toSecurityEventView(event).guildId === reach.guildId
      return events.subscribe(topic, { ...options, filter })
    },
  }
}
