import { LockMode } from '@mikro-orm/core'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { deleteWhere, flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { Role } from '../entities/role.ts'
import { User } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import {
  enterPlace,
  findPlace,
  leavePlace,
  type Place,
  placeKey,
  placeOf,
  reaches,
} from './places.ts'
import { rightsAt } from './rights.ts'
import { requireOwnRights } from './roles.ts'

export type Grant = { userId: string; roleId: string; expiresAt: Date | null } & Place

export type RoleAssignments = ReturnType<typeof createRoleAssignments>

/** An end after that of every assignment that has one. */
const FOR_EVER = new Date('9999-12-31T23:59:59.999Z')

/** Where an assignment stands. */
const placeOfAssignment = ({ tenantId = null, guildId = null }: UserRole): Place => ({
  tenantId,
  guildId,
})

/** Writes an assignment in the transaction. @throws ROLE_ALREADY_GIVEN */
export async function assignRole(
  tx: SqlEntityManager,
  { tenantId, guildId, ...grant }: Grant & { assignedBy: string | null; assignedAt: Date },
): Promise<UserRole> {
  const place = placeKey({ tenantId, guildId })
  const assignment = tx.create(UserRole, { ...grant, tenantId, guildId, place })
  tx.persist(assignment)
  if (!(await flushUnlessTaken(tx))) throw identityError('ROLE_ALREADY_GIVEN')
  await enterPlace(tx, grant.userId, { tenantId, guildId })
  await tx.flush()
  return assignment
}

/** Who holds which role where. Nobody gives or takes what he does not hold himself at that place. */
export function createRoleAssignments(
  core: Core,
  viewer: Viewer,
  users: { find: (id: string) => Promise<User | null> },
) {
  const { database, clock, changes } = core
  const open = () => database.fork(viewer.reach)

  /** The place of a new assignment: as asked, else where the viewer has signed in for. */
  const findTarget = async (asked: Place): Promise<Place> => {
    const isAsked = asked.tenantId !== null || asked.guildId !== null
    const wide = database.acrossTenants()
    const target = isAsked ? await findPlace(wide, asked) : placeOf(viewer.reach)
    if (!target || !reaches(viewer.reach, target)) throw identityError('ROLE_PLACE_BEYOND_REACH')
    return target
  }

  /** Rights that end are not given for longer than they last. @throws ROLE_ABOVE_OWN */
  const requireLasting = async ({ expiresAt }: Grant, { permissions }: Role): Promise<void> => {
    const { userId, reach } = viewer
    if (userId === null) return
    const last = new Date((expiresAt ?? FOR_EVER).getTime() - 1)
    const held = { userId, place: placeOf(reach), now: last }
    const { scopes } = await rightsAt(database.acrossTenants(), held)
    requireOwnRights({ ...viewer, scopes }, permissions)
  }

  const requireGrantable = async (grant: Grant, target: Place): Promise<void> => {
    if (grant.expiresAt && grant.expiresAt <= clock.now()) throw identityError('EXPIRY_IN_PAST')
    const user = await users.find(grant.userId)
    if (!user) throw identityError('USER_NOT_FOUND')
    const role = await open().findOne(Role, { id: grant.roleId })
    if (!role) throw identityError('ROLE_NOT_FOUND')
    const isAtHome = role.tenantId == null || role.tenantId === target.tenantId
    if (!isAtHome) throw identityError('ROLE_PLACE_BEYOND_REACH')
    requireOwnRights(viewer, role.permissions)
    await requireLasting(grant, role)
  }

  /** The role as it stands while it is given. @throws ROLE_NOT_FOUND, ROLE_ABOVE_OWN */
  const holdRole = async (tx: SqlEntityManager, id: string): Promise<Role> => {
    const role = await tx.findOne(Role, { id }, { lockMode: LockMode.PESSIMISTIC_READ })
    if (!role) throw identityError('ROLE_NOT_FOUND')
    requireOwnRights(viewer, role.permissions)
    return role
  }

  return {
    list: (query: ListQuery<UserRole>) => findList(open(), UserRole, query),

    /** @throws ROLE_ABOVE_OWN, ROLE_PLACE_BEYOND_REACH, ROLE_NOT_FOUND, USER_NOT_FOUND,
     * ROLE_ALREADY_GIVEN, EXPIRY_IN_PAST */
    grant: async (grant: Grant): Promise<UserRole> => {
      const target = await findTarget(grant)
      await requireGrantable(grant, target)
      return transactional(open(), async (tx) => {
        const role = await holdRole(tx, grant.roleId)
        const by = { assignedBy: viewer.userId, assignedAt: clock.now() }
        const assignment = await assignRole(tx, { ...grant, ...target, ...by })
        await changes.record(tx, viewer, {
          type: 'role.granted',
          userId: grant.userId,
          place: target,
          resource: { type: 'user-role', id: assignment.id },
          details: { roleId: role.id, expiresAt: grant.expiresAt?.toISOString() ?? null },
        })
        return assignment
      })
    },

    /** Takes a role back; the person's tokens end at once. @throws ROLE_ASSIGNMENT_NOT_FOUND,
     * ROLE_ABOVE_OWN */
    revoke: (id: string): Promise<UserRole> =>
      transactional(open(), async (tx) => {
        const assignment = await tx.findOne(UserRole, { id })
        if (!assignment) throw identityError('ROLE_ASSIGNMENT_NOT_FOUND')
        const place = placeOfAssignment(assignment)
        const role = await tx.findOne(Role, { id: assignment.roleId })
        if (!reaches(viewer.reach, place)) throw identityError('ROLE_PLACE_BEYOND_REACH')
        requireOwnRights(viewer, role?.permissions ?? [])
        const { userId } = assignment
        const removed = await deleteWhere(tx, UserRole, { id })
        if (removed === 0) throw identityError('ROLE_ASSIGNMENT_NOT_FOUND')
        await leavePlace(tx, userId, place)
        await updateWhere(tx, User, { where: { id: userId }, add: { tokenGeneration: 1 } })
        await changes.record(tx, viewer, {
          type: 'role.revoked',
          userId,
          place,
          resource: { type: 'user-role', id },
          details: { roleId: assignment.roleId },
          revokes: [{ kind: 'user', id: userId }],
        })
        return assignment
      }),
  }
}
