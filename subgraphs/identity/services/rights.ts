import { expandPermissions } from '#kernel/auth/scopes.ts'
import type { Reach } from '#kernel/auth/viewer.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { Role } from '../entities/role.ts'
import { UserRole } from '../entities/user-role.ts'
import { findPlace, PLATFORM, type Place, placeKey, reachAt } from './places.ts'
import { suspendedAmong } from './tenant-standings.ts'

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
type Asked = { userId: string; place: Place; now: Date }
/** Whether a token is made of the answer, inside a transaction. */
type Use = { isMinting: boolean }

async function findHeld(em: SqlEntityManager, { userId, now }: Asked, use: Use): Promise<Held[]> {
  const assignments = await em.find(
    UserRole,
    { userId, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] },
    { limit: MOST_ASSIGNMENTS, orderBy: { id: 'asc' } },
  )
  const roleIds = [...new Set(assignments.map(({ roleId }) => roleId))]
  const roles = await em.find(Role, { id: { $in: roleIds }, isActive: true })
  const tenantIds = new Set(assignments.flatMap(({ tenantId }) => tenantId ?? []))
  const suspended = await suspendedAmong(em, [...tenantIds], use)
  const byId = new Map(roles.map((role) => [role.id, role]))
  return assignments.flatMap((assignment) => {
    const role = byId.get(assignment.roleId)
    // A tenant's own role gives nothing elsewhere, whatever a row may say.
    const isAtHome = role && (role.tenantId == null || role.tenantId === assignment.tenantId)
    const isOff = assignment.tenantId != null && suspended.has(assignment.tenantId)
    return role && isAtHome && !isOff ? [{ assignment, role }] : []
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

async function rightsAtPlace(em: SqlEntityManager, asked: Asked, use: Use): Promise<Rights> {
  const { place } = asked
  // A guild that has moved to another tenant gives nothing to who asks for it at the old one.
  const present = place.guildId === null ? place : await findPlace(em, place)
  return present ? toRights(await findHeld(em, asked, use), present) : NO_RIGHTS
}

/** What a person may do at exactly this place at this moment. */
export const rightsAt = (em: SqlEntityManager, asked: Asked): Promise<Rights> =>
  rightsAtPlace(em, asked, { isMinting: false })

/**
 * The rights of a token, in the transaction that makes it: as `rightsAt`; without tenant and guild
 * at the place that the person's roles suggest.
 */
export async function rightsFor(tx: SqlEntityManager, asked: Asked): Promise<Rights> {
  const use = { isMinting: true }
  if (asked.place.tenantId !== null) return rightsAtPlace(tx, asked, use)
  const held = await findHeld(tx, asked, use)
  const suggested = suggestPlace(held)
  return suggested ? toRights(held, suggested) : NO_RIGHTS
}
