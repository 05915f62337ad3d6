import type { Client } from '#kernel/auth/client.ts'
import type { PersonKeys } from '#kernel/crypto/person-keys.ts'
import { aggregate } from '#kernel/db/aggregates.ts'
import { type ChildPage, createBatch, createChildPages } from '#kernel/db/batches.ts'
import type { Page } from '#kernel/db/keyset-pages.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import type { Events } from '#kernel/events/events.ts'
import type { Resume } from '#kernel/events/resume.ts'
import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { AuditLog } from '../../entities/audit-log.ts'
import { acrossTenantsRequireFeatures } from '../features.ts'
import type { ComplianceRequest } from '../request.ts'
import { readClients } from './client-ciphertexts.ts'
import { type FeedPlace, feedPlaceOf } from './feed-place.ts'
import { type EntryView, readTailEvent, tailTopic } from './tail.ts'

export const AUDIT_GROUPS = [
  'action',
  'outcome',
  'resourceType',
  'actorKind',
  'userId',
  'source',
  'tenantId',
  'guildId',
] as const
export type AuditGroup = (typeof AUDIT_GROUPS)[number]

const READ = { action: 'audit.read', resourceType: 'audit-log' } as const

export type AuditTrailDeps = { request: ComplianceRequest; events: Events; personKeys: PersonKeys }

export type Resumption = { after: Resume | null; signal: AbortSignal }

/** One look at the live tail is one reading, noted where it begins: noting each entry would never end. */
async function acrossTenantsNoteFeed(
  { acrossTenants, readLog }: ComplianceRequest,
  { tenantId, guildId }: FeedPlace,
): Promise<void> {
  if (tenantId === null) return
  const where = { tenantId, auditLogging: true, ...(guildId !== null && { guildId }) }
  const places = await acrossTenants().find(GuildPlace, where)
  await readLog.note(
    places.map((place) => ({ tenantId: place.tenantId, guildId: place.guildId })),
    { ...READ, action: 'audit.followed' },
  )
}

/**
 * What was read is in the log, and not told of live: whoever asks for more of each entry reads by it,
 * and would hear of that reading, and of the next, without end.
 */
const isReading = ({ action }: EntryView): boolean => /\.(read|followed)$/.test(action)

export type AuditTrail = ReturnType<typeof createAuditTrail>

/** What happened, within the viewer's reach; reading it is noted where the guild has that. */
export function createAuditTrail({ request, events, personKeys }: AuditTrailDeps) {
  const { read, readLog } = request
  const ofTenant = createChildPages(read, AuditLog, { parent: 'tenantId' })
  const ofGuild = createChildPages(read, AuditLog, { parent: 'guildId' })
  const noted = async (page: Page<AuditLog>): Promise<Page<AuditLog>> => {
    await readLog.note(
      page.edges.map(({ node }) => node),
      READ,
    )
    return page
  }
  const findClients = async (ids: readonly string[]): Promise<(Client | null)[]> => {
    const found = await read().find(AuditLog, { id: { $in: [...ids] } })
    const clients = await readClients(personKeys, found)
    const byId = new Map(found.map(({ id }, position) => [id, clients[position] ?? null]))
    return ids.map((id) => byId.get(id) ?? null)
  }
  return {
    byId: async (id: string): Promise<EntryView | null> => {
      if (!isDecimalId(id)) return null
      const entry = await read().findOne(AuditLog, { id })
      if (entry) await readLog.note([entry], READ)
      return entry
    },
    page: async (query: ListQuery<AuditLog>) => noted(await findList(read(), AuditLog, query)),
    ofTenant: async (tenantId: string, page: ChildPage) => noted(await ofTenant(tenantId, page)),
    ofGuild: async (guildId: string, page: ChildPage) => noted(await ofGuild(guildId, page)),
    /** Figures name nobody, so reading them is not noted. */
    aggregates: ({
      where,
      groupBy,
    }: {
      where?: Where | null | undefined
      groupBy: AuditGroup[]
    }) => {
      const em = read()
      const condition = toCondition(em, AuditLog, where)
      return aggregate(em, AuditLog, {
        where: condition,
        groupBy: [...new Set(groupBy)],
        measured: [],
      })
    },
    /** From where it was done: live entries do not carry it, so it is read by id. */
    clientOf: createBatch(findClients),
    /**
     * Entries as they are appended: the platform's, a tenant's or, where it is paid for, a guild's.
     * Readings are left out.
     * @throws AUDIT_CHAIN_NOT_FOUND, AUDIT_FEATURE_NOT_INCLUDED, CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_EXPIRED
     */
    follow: async (asked: string | null, resumption: Resumption) => {
      const place = feedPlaceOf(request.viewer, asked)
      const { tenantId, guildId } = place
      await acrossTenantsRequireFeatures(request, place)
      await acrossTenantsNoteFeed(request, place)
      const filter = (event: StoredEvent) => {
        const entry = readTailEvent(event)
        return !isReading(entry) && (guildId === null || entry.guildId === guildId)
      }
      return events.open(tailTopic(tenantId), { ...resumption, tenantId, filter })
    },
  }
}
