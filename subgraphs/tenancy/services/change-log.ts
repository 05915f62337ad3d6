import type { Audit, AuditEntry } from '#kernel/audit/audit.ts'
import type { Message, Outbox } from '#kernel/audit/outbox.ts'
import type { Scope } from '#kernel/auth/scopes.ts'
import type { SubgraphName } from '#kernel/auth/service-names.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { Events } from '#kernel/events/events.ts'
import type { Guild } from '../entities/guild.ts'

/** Every kind of news of a tenant's feed, with the scope that its reader needs. */
export const NEWS_SCOPES = {
  'tenant.opened': 'tenants:read',
  'tenant.updated': 'tenants:read',
  'tenant.suspended': 'tenants:read',
  'tenant.restored': 'tenants:read',
  'guild.registered': 'guilds:read',
  'guild.updated': 'guilds:read',
  'guild.moved': 'guilds:read',
  'guild.left': 'guilds:read',
  'guild.removed': 'guilds:read',
  'quota.set': 'quotas:read',
  'quota.warned': 'quotas:read',
  'customization.set': 'customizations:read',
  'flag.set': 'flags:read',
  'flag.removed': 'flags:read',
} as const satisfies Readonly<Record<string, Scope>>

export type NewsType = keyof typeof NEWS_SCOPES

/** Changes that are audited but too many to be news each. */
type Action = NewsType | 'quota.used' | 'quota.released'

type Target = {
  type: 'tenant' | 'guild' | 'quota' | 'customization' | 'flag'
  id: string
  /** What it is called within the tenant, where it is not known by its id. */
  name?: string
}

type Details = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** What a subgraph that keeps a picture of a guild is told of it. */
export type GuildFacts = Pick<
  Guild,
  'guildId' | 'tenantId' | 'enterpriseFeatures' | 'complianceMode' | 'auditLogging'
>

/** A message to other subgraphs. */
type Telling = { to: readonly SubgraphName[]; payload: GuildFacts | { tenantId: string } }

/** One thing that changed. */
export type Change = {
  action: Action
  tenantId: string
  target: Target
  details?: Details
  /** Subgraphs that keep a picture of it, and what they keep. */
  tell?: Telling
  /** What followers hear if it is not the action itself; null for nothing. */
  news?: { type: NewsType; details: Details } | null
}

/** What the feed of a tenant carries. */
export type News = {
  tenantId: string
  target: { type: Target['type']; id: string }
  details: Details
}

/** Every subgraph that keeps a picture of guilds. */
export const GUILD_KEEPERS = ['identity', 'ai', 'compliance', 'analytics'] as const

/** Where a guild belongs and how it is run, without anything else of it. */
export function toGuildFacts(guild: GuildFacts): GuildFacts {
  const { guildId, tenantId, enterpriseFeatures, complianceMode, auditLogging } = guild
  return { guildId, tenantId, enterpriseFeatures, complianceMode, auditLogging }
}

/** As `tell` of a change of a guild: its keepers are told how it stands now. */
export const tellOfGuild = (guild: GuildFacts): Telling => ({
  to: GUILD_KEEPERS,
  payload: toGuildFacts(guild),
})

/** The live feed of one tenant. */
export const tenancyTopic = (tenantId: string) => `tenancy:${tenantId}`

export type ChangeLog = ReturnType<typeof createChangeLog>

/**
 * Writes a change's audit record, its messages to other subgraphs and its news, all in the
 * transaction of the change. Called last in it: the feed is locked until its end.
 */
export function createChangeLog({
  audit,
  outbox,
  events,
  viewer,
}: {
  audit: Audit
  outbox: Outbox
  events: Events
  viewer: Viewer
}) {
  return {
    record: async (tx: SqlEntityManager, change: Change): Promise<void> => {
      await audit.record(tx, toAuditEntry(viewer, change))
      for (const message of toMessages(change)) await outbox.send(tx, message)
      const news = toNews(change)
      if (news) await events.publish(tx, { topic: tenancyTopic(change.tenantId), ...news })
    },
  }
}

function toAuditEntry(viewer: Viewer, change: Change): AuditEntry {
  const { action, tenantId, target, details = {} } = change
  const { type, id, name } = target
  return {
    viewer,
    action,
    resource: { type, id },
    outcome: 'done',
    tenantId,
    guildId: type === 'guild' ? id : null,
    details: name === undefined ? details : { ...details, name },
  }
}

function toMessages({ action, target, tell }: Change): Message[] {
  if (!tell) return []
  const aggregate = `${target.type}:${target.id}`
  return tell.to.map((receiver) => ({ receiver, kind: action, aggregate, payload: tell.payload }))
}

function toNews(change: Change): { type: NewsType; payload: News } | null {
  const { action, tenantId, target, details = {} } = change
  if (change.news === null) return null
  const { type, details: told } = change.news ?? { type: action, details }
  if (!isNewsType(type)) return null
  const { type: targetType, id, name = id } = target
  return { type, payload: { tenantId, target: { type: targetType, id: name }, details: told } }
}

/** True for a kind of news that this version knows. */
export function isNewsType(type: string): type is NewsType {
  return Object.hasOwn(NEWS_SCOPES, type)
}
