import { LockMode } from '@mikro-orm/core'
import { z } from 'zod'
import { serviceViewer } from '#kernel/auth/viewer.ts'
import { deleteWhere, updateWhere } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { Delivery, InboxHandlers } from '#kernel/service/subgraph.ts'
import { ApiKey } from '../entities/api-key.ts'
import { GuildMember } from '../entities/guild-member.ts'
import { GuildTenant } from '../entities/guild-tenant.ts'
import { User, UserPlace } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'
import { identityError } from '../errors.ts'
import type { Change } from './changes.ts'
import type { Core } from './core.ts'
import { enterPlace } from './places.ts'

const Id = z.string().refine(isDecimalId)
const GuildPayload = z.object({
  guildId: Id,
  tenantId: Id,
  auditLogging: z.boolean().default(false),
})

/** Members moved between two looks at the table. */
const AT_ONCE = 500

type GuildMove = z.infer<typeof GuildPayload> & { at: Date }

function parseGuild({ payload, at }: Delivery): GuildMove {
  const parsed = GuildPayload.safeParse(payload)
  if (!parsed.success) throw identityError('DELIVERY_INVALID', {}, { cause: parsed.error })
  return { ...parsed.data, at: new Date(at) }
}

/** Takes every membership of the guild along, page by page. */
async function moveMembers(tx: SqlEntityManager, { guildId, tenantId }: GuildMove): Promise<void> {
  for (let afterId: string | null = null; ; ) {
    const beyond: object = afterId === null ? {} : { id: { $gt: afterId } }
    const own = forkInside(tx)
    const members = await own.find(
      GuildMember,
      { guildId, ...beyond },
      { orderBy: { id: 'asc' }, limit: AT_ONCE },
    )
    for (const member of members) {
      member.tenantId = tenantId
      await enterPlace(own, member.userId, { tenantId, guildId })
    }
    await own.flush()
    afterId = members.at(-1)?.id ?? null
    if (afterId === null || members.length < AT_ONCE) return
  }
}

/**
 * What the tenant before gave in the guild was its own to give: it does not move along. Nobody is
 * known there any more until a membership says so again.
 */
async function endGrants(tx: SqlEntityManager, { guildId, at }: GuildMove) {
  const held = await tx.find(UserRole, { guildId }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  const userIds = [...new Set(held.map(({ userId }) => userId))]
  const keys = await tx.find(ApiKey, { guildId, revokedAt: null }, { fields: ['id'] })
  const keyIds = keys.map(({ id }) => id)
  await deleteWhere(tx, UserRole, { guildId })
  await deleteWhere(tx, UserPlace, { guildId })
  await updateWhere(tx, User, { where: { id: { $in: userIds } }, add: { tokenGeneration: 1 } })
  await updateWhere(tx, ApiKey, { where: { id: { $in: keyIds } }, set: { revokedAt: at } })
  return [
    ...userIds.map((id) => ({ kind: 'user' as const, id })),
    ...keyIds.map((id) => ({ kind: 'key' as const, id })),
  ]
}

/** Keeps `guild_tenants` as tenancy tells it, however often and in whatever order. */
export function createGuildTenantInbox({ changes }: Core): InboxHandlers {
  const tell = (
    tx: SqlEntityManager,
    { guildId, tenantId }: GuildMove,
    happened: Pick<Change, 'type' | 'details' | 'revokes'>,
  ) => {
    const nobody = { serviceName: 'tenancy', reach: { kind: 'platform' }, scopes: [] } as const
    return changes.record(tx, serviceViewer({ ...nobody, requestId: `guild-${guildId}` }), {
      ...happened,
      userId: null,
      place: { tenantId, guildId },
      resource: { type: 'guild', id: guildId },
    })
  }

  const move = async (tx: SqlEntityManager, known: GuildTenant, guild: GuildMove) => {
    const before = known.tenantId
    const revokes = await endGrants(tx, guild)
    Object.assign(known, guild)
    await tx.flush()
    await moveMembers(tx, guild)
    const details = { before, endedGrants: revokes.length }
    await tell(tx, guild, { type: 'guild.moved', details, revokes })
  }

  const apply = async (tx: SqlEntityManager, delivery: Delivery): Promise<void> => {
    const guild = parseGuild(delivery)
    const known = await tx.findOne(GuildTenant, { guildId: guild.guildId })
    if (!known) {
      tx.persist(tx.create(GuildTenant, guild))
      await tx.flush()
      return
    }
    if (known.at > guild.at) return
    if (known.tenantId !== guild.tenantId) return move(tx, known, guild)
    Object.assign(known, guild)
    await tx.flush()
  }

  const remove = async (tx: SqlEntityManager, delivery: Delivery): Promise<void> => {
    const guild = parseGuild(delivery)
    const known = await tx.findOne(GuildTenant, { guildId: guild.guildId })
    if (!known || known.at > guild.at) return
    const revokes = await endGrants(tx, guild)
    await deleteWhere(tx, GuildTenant, { guildId: guild.guildId })
    await deleteWhere(tx, GuildMember, { guildId: guild.guildId })
    await tell(tx, guild, { type: 'guild.removed', details: {}, revokes })
  }

  /** What identity has no row for is accepted, so that what comes after it is not held up. */
  const accept = async (): Promise<void> => {}

  return {
    'guild.registered': apply,
    'guild.moved': apply,
    'guild.updated': apply,
    /** Told once of guilds that stood before identity kept all of this. */
    'guild.announced': apply,
    'guild.removed': remove,
    'tenant.opened': accept,
    'tenant.updated': accept,
    'tenant.closed': accept,
  }
}
