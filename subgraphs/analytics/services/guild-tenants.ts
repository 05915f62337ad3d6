import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { Delivery, InboxHandlers } from '#kernel/service/subgraph.ts'
import { CompetitionFollow } from '../entities/competition-follow.ts'
import { GuildTenant } from '../entities/guild-tenant.ts'
import { analyticsError } from '../errors.ts'

export type GuildPlace = { guildId: string; tenantId: string }

/** @throws GUILD_DELIVERY_INVALID */
function readPlace({ payload }: Delivery): GuildPlace {
  const { guildId, tenantId } = (payload ?? {}) as Record<string, unknown>
  if (isDecimalId(guildId) && isDecimalId(tenantId)) return { guildId, tenantId }
  throw analyticsError('GUILD_DELIVERY_INVALID')
}

/** Sets which tenant a guild belongs to; what it followed under another tenant ends. */
export async function acrossTenantsPlaceGuild(
  tx: SqlEntityManager,
  { guildId, tenantId }: GuildPlace,
): Promise<void> {
  const known = await tx.findOne(GuildTenant, { guildId })
  if (known) known.tenantId = tenantId
  else tx.persist(tx.create(GuildTenant, { guildId, tenantId }))
  await tx.flush()
  await deleteWhere(tx, CompetitionFollow, { guildId, tenantId: { $ne: tenantId } })
}

async function acrossTenantsForgetGuild(tx: SqlEntityManager, { guildId }: GuildPlace) {
  await deleteWhere(tx, CompetitionFollow, { guildId })
  await deleteWhere(tx, GuildTenant, { guildId })
}

/** What tenancy tells of guilds, so that nobody has to be asked when one follows something. */
export const guildDeliveries: InboxHandlers = {
  'guild.registered': (tx, delivery) => acrossTenantsPlaceGuild(tx, readPlace(delivery)),
  'guild.moved': (tx, delivery) => acrossTenantsPlaceGuild(tx, readPlace(delivery)),
  'guild.removed': (tx, delivery) => acrossTenantsForgetGuild(tx, readPlace(delivery)),
}
