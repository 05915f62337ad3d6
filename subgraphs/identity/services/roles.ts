import { LockMode } from '@mikro-orm/core'
import { checkPermissions, expandPermissions } from '#kernel/auth/scopes.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { createRowBatch } from '#kernel/db/batches.ts'
import { flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Role } from '../entities/role.ts'
import { User } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { placeKey, placeOf, reaches } from './places.ts'

export type RoleFacts = { name: string; description: string | null; permissions: string[] }
export type RoleChange = { [Fact in keyof RoleFacts]?: RoleFacts[Fact] | undefined } & {
  isActive?: boolean | undefined
}

const LONGEST_NAME = 100
const LONGEST_DESCRIPTION = 1_000
const MOST_PERMISSIONS = 200
/** Holders told of a change in one transaction; a role of more is changed by making a new one. */
const MOST_HOLDERS = 5_000

export type Roles = ReturnType<typeof createRoles>

/** @throws ROLE_INVALID, PERMISSION_INVALID */
function checkRole({ name, description, permissions }: RoleFacts): void {
  const isValid =
    name.trim() !== '' &&
    name.length <= LONGEST_NAME &&
    (description?.length ?? 0) <= LONGEST_DESCRIPTION &&
    permissions.length >= 1 &&
    permissions.length <= MOST_PERMISSIONS
  if (!isValid) throw identityError('ROLE_INVALID')
  checkPermissions(permissions)
}

/** Nobody gives, takes or rewrites what he does not hold himself. @throws ROLE_ABOVE_OWN */
export function requireOwnRights(viewer: Viewer, permissions: readonly string[]): void {
  const own = new Set(viewer.scopes)
  const beyond = expandPermissions(permissions).filter((scope) => !own.has(scope))
  if (beyond.length > 0) throw identityError('ROLE_ABOVE_OWN', { beyond })
}

/** Ends the tokens of everybody who holds a role, because they carry what it gave before. */
async function revokeHolders(tx: SqlEntityManager, roleId: string): Promise<string[]> {
  const holders = await tx.find(
    UserRole,
    { roleId },
    { fields: ['userId'], limit: MOST_HOLDERS + 1, disableIdentityMap: true },
  )
  if (holders.length > MOST_HOLDERS) throw identityError('ROLE_INVALID', { holders: MOST_HOLDERS })
  const userIds = [...new Set(holders.map(({ userId }) => userId))]
  await updateWhere(tx, User, { where: { id: { $in: userIds } }, add: { tokenGeneration: 1 } })
  return userIds
}

/** Roles of the platform, which all may read, and of tenants. */
export function createRoles(core: Core, viewer: Viewer) {
  const { database, clock, changes } = core
  const open = () => database.fork(viewer.reach)

  const record = (tx: SqlEntityManager, role: Role, happened: { type: string; users?: string[] }) =>
    changes.record(tx, viewer, {
      type: happened.type,
      userId: null,
      place: placeOf(viewer.reach),
      resource: { type: 'role', id: role.id },
      details: { permissions: role.permissions, isActive: role.isActive },
      revokes: (happened.users ?? []).map((id) => ({ kind: 'user', id })),
    })

  /** A role that the viewer may change: of his own place, and within his own rights. */
  const findOwn = async (tx: SqlEntityManager, id: string): Promise<Role> => {
    // Held first: nobody is given the role unseen while its holders are told of the change.
    const role = await tx.findOne(Role, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
    if (!role) throw identityError('ROLE_NOT_FOUND')
    const home = { tenantId: role.tenantId ?? null, guildId: null }
    if (!reaches(viewer.reach, home)) throw identityError('ROLE_ABOVE_OWN')
    requireOwnRights(viewer, role.permissions)
    return role
  }

  const load = createRowBatch(
    (ids) => open().find(Role, { id: { $in: [...ids] } }),
    ({ id }: Role) => id,
  )

  return {
    byId: async (id: string): Promise<Role | null> => (isDecimalId(id) ? load(id) : null),

    list: (query: ListQuery<Role>) => findList(open(), Role, query),

    /** Makes a role of the tenant signed in for, or of the platform. @throws ROLE_INVALID,
     * PERMISSION_INVALID, ROLE_ABOVE_OWN, ROLE_NAME_TAKEN, ROLE_PLACE_BEYOND_REACH */
    create: async (facts: RoleFacts): Promise<Role> => {
      checkRole(facts)
      requireOwnRights(viewer, facts.permissions)
      const { tenantId, guildId } = placeOf(viewer.reach)
      if (guildId !== null || viewer.reach.kind === 'none') {
        throw identityError('ROLE_PLACE_BEYOND_REACH')
      }
      return transactional(open(), async (tx) => {
        const place = placeKey({ tenantId, guildId: null })
        const made = { ...facts, tenantId, place, isActive: true, createdAt: clock.now() }
        const role = tx.create(Role, made)
        tx.persist(role)
        if (!(await flushUnlessTaken(tx))) throw identityError('ROLE_NAME_TAKEN')
        await record(tx, role, { type: 'role.created' })
        return role
      })
    },

    /** Changes a role; its holders' tokens end at once. @throws as `create`, and ROLE_NOT_FOUND */
    update: (id: string, change: RoleChange): Promise<Role> =>
      transactional(open(), async (tx) => {
        const role = await findOwn(tx, id)
        const facts = {
          name: change.name ?? role.name,
          description: change.description ?? role.description ?? null,
          permissions: change.permissions ?? role.permissions,
        }
        checkRole(facts)
        requireOwnRights(viewer, facts.permissions)
        Object.assign(role, facts, { isActive: change.isActive ?? role.isActive })
        if (!(await flushUnlessTaken(tx))) throw identityError('ROLE_NAME_TAKEN')
        const users = await revokeHolders(tx, role.id)
        await record(tx, role, { type: 'role.changed', users })
        return role
      }),
  }
}
