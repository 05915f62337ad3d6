import { LockMode } from '@mikro-orm/core'
import { createChildPages, createRowBatch } from '#kernel/db/batches.ts'
import { deleteWhere, flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Guild } from '../entities/guild.ts'
import { tenancyError } from '../errors.ts'
import { requirePlatform, requireWholeTenant } from './access.ts'
import { checkBranding } from './branding.ts'
import { tellOfGuild } from './change-log.ts'
import { checkGuildId, checkText } from './inputs.ts'
import type { TenancyRequest } from './request.ts'
import { lockActiveTenant } from './tenant-lock.ts'

type JsonRecord = Readonly<Record<string, unknown>>

export type NewGuild = { tenantId: string; guildId: string; name: string }

export type GuildUpdate = {
  guildId: string
  name?: string | null | undefined
  enterpriseFeatures?: boolean | null | undefined
  complianceMode?: boolean | null | undefined
  auditLogging?: boolean | null | undefined
  /** Null takes the guild's own branding away; absent leaves it. */
  customBranding?: JsonRecord | null | undefined
  integrationConfig?: JsonRecord | null | undefined
}

const LONGEST_NAME = 255

export type Guilds = ReturnType<typeof createGuilds>

/** Guilds: which community belongs to which tenant, under which settings. */
export function createGuilds(request: TenancyRequest) {
  const { read, acrossTenants } = request
  const findWithin = (em: () => SqlEntityManager) =>
    createRowBatch(
      (guildIds) => em().find(Guild, { guildId: { $in: [...guildIds] } }),
      (guild: Guild) => guild.guildId,
    )
  const byReach = findWithin(read)
  const acrossTenantsByGuildId = findWithin(acrossTenants)
  return {
    register: (input: NewGuild) => registerGuild(request, input),
    update: (input: GuildUpdate) => updateGuild(request, input),
    move: (input: { guildId: string; toTenantId: string }) => moveGuild(request, input),
    remove: (guildId: string) => removeGuild(request, guildId),
    byId: async (guildId: string) => (isDecimalId(guildId) ? byReach(guildId) : null),
    /** The guilds behind ids that identity vouched for as the viewer's own. */
    acrossTenantsOfOwn: (guildIds: readonly string[]) =>
      Promise.all(guildIds.map(acrossTenantsByGuildId)),
    ofTenant: createChildPages(read, Guild, { parent: 'tenantId' }),
    page: (query: ListQuery<Guild>) => findList(read(), Guild, query),
  }
}

/** The guild's row, locked until commit. @throws GUILD_NOT_FOUND */
async function lockGuild(tx: SqlEntityManager, guildId: string): Promise<Guild> {
  const guild = isDecimalId(guildId)
    ? await tx.findOne(Guild, { guildId }, { lockMode: LockMode.PESSIMISTIC_WRITE })
    : null
  if (!guild) throw tenancyError('GUILD_NOT_FOUND')
  return guild
}

const targetOf = (guildId: string) => ({ type: 'guild', id: guildId }) as const

async function registerGuild({ em, viewer, clock, changes }: TenancyRequest, input: NewGuild) {
  requireWholeTenant(viewer)
  const guildId = checkGuildId(input.guildId)
  const name = checkText('name', input.name, LONGEST_NAME)
  return transactional(em, async (tx) => {
    const { id: tenantId } = await lockActiveTenant(tx, input.tenantId)
    const now = clock.now()
    const guild = tx.create(Guild, {
      guildId,
      tenantId,
      name,
      enterpriseFeatures: false,
      complianceMode: false,
      auditLogging: false,
      createdAt: now,
      updatedAt: now,
    })
    if (!(await flushUnlessTaken(tx))) throw tenancyError('GUILD_TAKEN', { guildId })
    await changes.record(tx, {
      action: 'guild.registered',
      tenantId,
      target: targetOf(guildId),
      tell: tellOfGuild(guild),
    })
    return guild
  })
}

/** The properties that an update names, checked. */
function toGuildChange(input: GuildUpdate): Partial<Guild> {
  const { name, enterpriseFeatures, complianceMode, auditLogging } = input
  const { customBranding, integrationConfig } = input
  return {
    ...(name != null && { name: checkText('name', name, LONGEST_NAME) }),
    ...(enterpriseFeatures != null && { enterpriseFeatures }),
    ...(complianceMode != null && { complianceMode }),
    ...(auditLogging != null && { auditLogging }),
    ...(customBranding !== undefined && {
      customBranding: customBranding && checkBranding(customBranding),
    }),
    ...(integrationConfig !== undefined && { integrationConfig }),
  }
}

async function updateGuild({ em, viewer, clock, changes }: TenancyRequest, input: GuildUpdate) {
  const change = toGuildChange(input)
  return transactional(em, async (tx) => {
    const guild = await lockGuild(tx, input.guildId)
    const { enterpriseFeatures } = change
    const isPaidChange =
      (enterpriseFeatures ?? guild.enterpriseFeatures) !== guild.enterpriseFeatures
    // Paid features are sold by the platform, not switched on by their buyer.
    if (isPaidChange) requirePlatform(viewer)
    if (Object.keys(change).length === 0) return guild
    tx.assign(guild, { ...change, updatedAt: clock.now() })
    await tx.flush()
    await changes.record(tx, {
      action: 'guild.updated',
      tenantId: guild.tenantId,
      target: targetOf(guild.guildId),
      details: { changed: Object.keys(change).sort() },
      tell: tellOfGuild(guild),
    })
    return guild
  })
}

async function moveGuild(
  { em, viewer, clock, changes }: TenancyRequest,
  { guildId, toTenantId }: { guildId: string; toTenantId: string },
) {
  requirePlatform(viewer)
  return transactional(em, async (tx) => {
    const { id: tenantId } = await lockActiveTenant(tx, toTenantId)
    const guild = await lockGuild(tx, guildId)
    const fromTenantId = guild.tenantId
    if (fromTenantId === tenantId) return guild
    tx.assign(guild, { tenantId, updatedAt: clock.now() })
    await tx.flush()
    const target = targetOf(guildId)
    // The tenant it leaves learns that it left, not where to.
    await changes.record(tx, { action: 'guild.left', tenantId: fromTenantId, target })
    await changes.record(tx, {
      action: 'guild.moved',
      tenantId,
      target,
      tell: tellOfGuild(guild),
    })
    return guild
  })
}

async function removeGuild({ em, viewer, changes }: TenancyRequest, guildId: string) {
  requireWholeTenant(viewer)
  return transactional(em, async (tx) => {
    const guild = await lockGuild(tx, guildId)
    const { tenantId } = guild
    const removed = await deleteWhere(tx, Guild, { guildId, tenantId })
    if (removed === 0) throw tenancyError('GUILD_NOT_FOUND')
    await changes.record(tx, {
      action: 'guild.removed',
      tenantId,
      target: targetOf(guildId),
      tell: tellOfGuild(guild),
    })
    return guild
  })
}
