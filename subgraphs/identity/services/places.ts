import type { Reach, Viewer } from '#kernel/auth/viewer.ts'
import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { GuildMember } from '../entities/guild-member.ts'
import { GuildTenant } from '../entities/guild-tenant.ts'
import { UserPlace } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'

/** A guild, a tenant, or (both null) the whole platform. */
export type Place = { tenantId: string | null; guildId: string | null }

export const PLATFORM: Place = { tenantId: null, guildId: null }

/** The text under which a place is unique: `p`, `t:<tenant>` or `g:<guild>`. */
export function placeKey({ tenantId, guildId }: Place): string {
  if (guildId !== null) return `g:${guildId}`
  return tenantId === null ? 'p' : `t:${tenantId}`
}

/** The place that a reach stands for; the platform for those who reach nothing of their own. */
export function placeOf(reach: Reach): Place {
  if (reach.kind === 'guild') return { tenantId: reach.tenantId, guildId: reach.guildId }
  return reach.kind === 'tenant' ? { tenantId: reach.tenantId, guildId: null } : PLATFORM
}

/** The reach that a place gives to who holds a role there. */
export function reachAt({ tenantId, guildId }: Place): Reach {
  if (tenantId === null) return { kind: 'platform' }
  return guildId === null ? { kind: 'tenant', tenantId } : { kind: 'guild', tenantId, guildId }
}

/** True when the place lies within the reach. */
export function reaches(reach: Reach, place: Place): boolean {
  if (reach.kind === 'platform') return true
  if (reach.kind === 'none' || reach.tenantId !== place.tenantId) return false
  return reach.kind === 'tenant' || reach.guildId === place.guildId
}

/** The place named by optional ids, with the tenant that the guild belongs to; null for none such. */
export async function findPlace(
  em: SqlEntityManager,
  { tenantId, guildId }: Place,
): Promise<Place | null> {
  if (guildId === null) return { tenantId, guildId }
  const guild = await em.findOne(GuildTenant, { guildId })
  if (!guild || (tenantId !== null && tenantId !== guild.tenantId)) return null
  return { tenantId: guild.tenantId, guildId }
}

/** The rows of places at which a viewer sees people; null: everywhere, `nowhere`: at none. */
export function visiblePlaces({ reach }: Viewer) {
  if (reach.kind === 'platform') return null
  if (reach.kind === 'none') return 'nowhere'
  return reach.kind === 'guild' ? { guildId: reach.guildId } : { tenantId: reach.tenantId }
}

async function isKnownAt(tx: SqlEntityManager, userId: string, place: Place): Promise<boolean> {
  const { tenantId, guildId } = place
  if ((await tx.count(UserRole, { userId, tenantId, guildId })) > 0) return true
  return guildId !== null && (await tx.count(GuildMember, { userId, guildId })) > 0
}

/** Makes a person known at a place. Pending until the flush. */
export async function enterPlace(
  tx: SqlEntityManager,
  userId: string,
  { tenantId, guildId }: Place,
): Promise<void> {
  if (tenantId === null) return
  const place = placeKey({ tenantId, guildId })
  if ((await tx.count(UserPlace, { userId, place })) > 0) return
  tx.persist(tx.create(UserPlace, { userId, tenantId, guildId, place }))
}

/** Forgets a person at a place where no membership and no role holds him any more, once flushed. */
export async function leavePlace(
  tx: SqlEntityManager,
  userId: string,
  place: Place,
): Promise<void> {
  if (await isKnownAt(tx, userId, place)) return
  await deleteWhere(tx, UserPlace, { userId, place: placeKey(place) })
}
