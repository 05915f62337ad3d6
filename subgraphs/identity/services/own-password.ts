import type { Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { User } from '../entities/user.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { PLATFORM } from './places.ts'
import { endSessions, revokesSessions } from './session-ends.ts'

export type OwnPassword = ReturnType<typeof createOwnPassword>

/** A person's own password. */
export function createOwnPassword(core: Core, viewer: Viewer) {
  const { database, clock, passwords, attempts, changes } = core

  const refuse = async (userId: string): Promise<never> => {
    await transactional(database.acrossTenants(), (tx) =>
      changes.record(tx, viewer, {
        type: 'password.refused',
        userId,
        place: PLATFORM,
        resource: { type: 'user', id: userId },
        isDone: false,
      }),
    )
    throw identityError('PASSWORD_WRONG')
  }

  return {
    /**
     * Replaces the password and ends every other session of the person. A session needs it, not a
     * key. @throws USER_NOT_FOUND, PASSWORD_WRONG, PASSWORD_WEAK, ACCOUNT_LOCKED
     */
    change: async ({ present, next }: { present: string; next: string }): Promise<User> => {
      const { userId, sessionId } = viewer
      const em = database.acrossTenants()
      const user = sessionId === null ? null : await em.findOne(User, { id: userId ?? '1' })
      if (!user || sessionId === null) throw identityError('USER_NOT_FOUND')
      if (!(await attempts.take(`password:${user.id}`))) throw identityError('ACCOUNT_LOCKED')
      const before = user.password ?? null
      if (!(await passwords.verify(before, present))) return refuse(user.id)
      await attempts.clear(`password:${user.id}`)
      const password = await passwords.hash(next)
      return transactional(database.acrossTenants(), async (tx) => {
        const now = clock.now()
        const changed = await updateWhere(tx, User, {
          // Two changes at once: the second no longer knows the present password.
          where: { id: user.id, password: before },
          set: { password, passwordChangedAt: now },
          add: { tokenGeneration: 1 },
        })
        if (changed === 0) throw identityError('PASSWORD_WRONG')
        const others = { userId: user.id, id: { $ne: sessionId } }
        const ended = await endSessions(tx, others, { reason: 'password', now })
        await changes.record(tx, viewer, {
          type: 'password.changed',
          userId: user.id,
          place: PLATFORM,
          resource: { type: 'user', id: user.id },
          details: { endedSessions: ended.length },
          revokes: revokesSessions(ended),
        })
        return tx.findOneOrFail(User, { id: user.id })
      })
    },
  }
}
