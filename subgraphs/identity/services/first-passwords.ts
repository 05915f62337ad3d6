import type { Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Role } from '../entities/role.ts'
import { User } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { PLATFORM } from './places.ts'
import { requireOwnRights } from './roles.ts'

export type FirstPasswords = ReturnType<typeof createFirstPasswords>

/**
 * Whoever chooses the password of another could later enter as him, also where others let him in.
 * @throws PASSWORD_OF_OTHERS
 */
export function requirePasswordsOfOthers({ reach }: Viewer): void {
  if (reach.kind !== 'platform') throw identityError('PASSWORD_OF_OTHERS')
}

/** The password of who has none yet, chosen by the platform. */
export function createFirstPasswords(core: Core, viewer: Viewer) {
  const { database, clock, passwords, changes } = core

  /** Nobody gets the key to rights that he does not hold. @throws ROLE_ABOVE_OWN */
  const requireNoMoreRights = async (tx: SqlEntityManager, userId: string): Promise<void> => {
    const held = await tx.find(UserRole, { userId })
    const roles = await tx.find(Role, { id: { $in: held.map(({ roleId }) => roleId) } })
    requireOwnRights(
      viewer,
      roles.flatMap(({ permissions }) => permissions),
    )
  }

  return {
    /** @throws PASSWORD_OF_OTHERS, PASSWORD_WEAK, PASSWORD_STANDS, USER_NOT_FOUND, ROLE_ABOVE_OWN */
    set: async ({ userId, password }: { userId: string; password: string }): Promise<User> => {
      requirePasswordsOfOthers(viewer)
      if (!isDecimalId(userId)) throw identityError('USER_NOT_FOUND')
      const phc = await passwords.hash(password)
      return transactional(database.acrossTenants(), async (tx) => {
        const changed = await updateWhere(tx, User, {
          where: { id: userId, password: null },
          set: { password: phc, passwordChangedAt: clock.now() },
        })
        const user = await tx.findOne(User, { id: userId })
        if (!user) throw identityError('USER_NOT_FOUND')
        if (changed === 0) throw identityError('PASSWORD_STANDS')
        await requireNoMoreRights(tx, userId)
        await changes.record(tx, viewer, {
          type: 'password.first-set',
          userId,
          place: PLATFORM,
          resource: { type: 'user', id: userId },
        })
        return user
      })
    },
  }
}
