import { expandPermissions } from '#kernel/auth/scopes.ts'
import type { Reach } from '#kernel/auth/viewer.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { Role } from '../entities/role.ts'
import { UserRole } from '../entities/user-role.ts'
import { findPlace, PLATFORM, type Place, placeKey, reachAt } from './places.ts'

/** What a person may do at one place. */
export type Rights = {
  reach: Reach
  /** Expanded and sorted. */
  scopes: string[]
  /** When the first of the roles that give them ends; null when none does. */
  endsAt: Date | null
}

/** Assignments of one person that are looked at; nobody honest holds more. */
const MOST_ASSIGNMENTS = 500

export const NO_RIGHTS: Rights = { reach: { kind: 'none' }, scopes: [], endsAt: null }

type Held = { assignment: UserRole; role: Role }

async function findHeld(em: SqlEntityManager, userId: string, now: Date): Promise<Held[]> {
  const assignments = await em.find(
    UserRole,
    { userId, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] },
    { limit: MOST_ASSIGNMENTS, orderBy: { id: 'asc' } },
  )
  const roleIds = [...new Set(assignments.map(({ roleId }) => roleId))]
  const roles = await em.find(Role, { id: { $in: roleIds }, isActive: true })
  const byId = new Map(roles.map((role) => [role.id, role]))
  return assignments.flatMap((assignment) => {
    const role = byId.get(assignment.roleId)
    // A tenant's own role gives nothing elsewhere, whatever a row may say.
    const isAtHome = role && (role.tenantId == null || role.tenantId === assignment.tenantId)
    return role && isAtHome ? [{ assignment, role }] : []
  })
}

/** Roles that count at a place: those given there, and in a guild also those of its tenant. */
function countsAt({ assignment }: Held, { tenantId, guildId }: Place): boolean {
  if ((assignment.tenantId ?? null) !== tenantId) return false
  return assignment.guildId == null || assignment.guildId === guildId
}

/** The platform for who runs it; else the only tenant or guild in which there are roles. */
function suggestPlace(held: readonly Held[]): Place | null {
  if (held.some((one) => countsAt(one, PLATFORM))) return PLATFORM
  const keys = held.map(({ assignment }): Place => {
    const { tenantId = null, guildId = null } = assignment
    return { tenantId, guildId }
  })
  const tenants = new Set(keys.map(({ tenantId }) => tenantId))
  const [tenantId = null] = tenants
  if (tenants.size !== 1) return null
  if (keys.some(({ guildId }) => guildId === null)) return { tenantId, guildId: null }
  const guilds = new Set(keys.map(placeKey))
  return guilds.size === 1 ? (keys[0] ?? null) : null
}

function toRights(held: readonly Held[], place: Place): Rights {
  const counting = held.filter((one) => countsAt(one, place))
  const scopes = expandPermissions(counting.flatMap(({ role }) => role.permissions))
  if (scopes.length === 0) return NO_RIGHTS
  const ends = counting.flatMap(({ assignment }) => assignment.expiresAt?.getTime() ?? [])
  const endsAt = ends.length === 0 ? null : new Date(Math.min(...ends))
  return { reach: reachAt(place), scopes, endsAt }
}

/** What a person may do at exactly this place at this moment. */
export async function rightsAt(
  em: SqlEntityManager,
  { userId, place, now }: { userId: string; place: Place; now: Date },
): Promise<Rights> {
  // A guild that has moved to another tenant gives nothing to who asks for it at the old one.
  const present = place.guildId === null ? place : await findPlace(em, place)
  return present ? toRights(await findHeld(em, userId, now), present) : NO_RIGHTS
}

/** As `rightsAt`; without tenant and guild at the place that the person's roles suggest. */
export async function rightsFor(
  em: SqlEntityManager,
  { userId, place, now }: { userId: string; place: Place; now: Date },
): Promise<Rights> {
  if (place.tenantId !== null) return rightsAt(em, { userId, place, now })
  const held = await findHeld(em, userId, now)
  const suggested = suggestPlace(held)
  return suggested ? toRights(held, suggested) : NO_RIGHTS
}
