import type { Viewer } from '#kernel/auth/viewer.ts'
import { transactional } from '#kernel/db/database.ts'
import { findPage, type PageArguments } from '#kernel/db/keyset-pages.ts'
import { Session } from '../entities/session.ts'
import type { User } from '../entities/user.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { placeOf } from './places.ts'
import { endSessions, revokesSessions } from './session-ends.ts'
import { lockUser } from './user-lock.ts'

export type Sessions = ReturnType<typeof createSessions>

/** The sessions of persons: who sees them, who ends them. */
export function createSessions(
  core: Core,
  viewer: Viewer,
  users: { find: (id: string) => Promise<User | null> },
) {
  const { database, clock, changes } = core
  /** A program that acts for a person has its own scopes alone. */
  const isOwn = (userId: string) => viewer.kind === 'user' && viewer.userId === userId

  /** One's own sessions everywhere, others' within reach and with the scope for it. */
  const emFor = (userId: string | null, scope: string) => {
    if (userId !== null && isOwn(userId)) return database.acrossTenants()
    if (!viewer.scopes.includes(scope)) throw identityError('SESSION_NOT_FOUND')
    return database.fork(viewer.reach)
  }

  const end = async (session: Session, reason: string): Promise<Session> => {
    const em = emFor(session.userId, 'sessions:revoke')
    return transactional(em, async (tx) => {
      const now = clock.now()
      const ended = await endSessions(tx, { id: session.id }, { reason, now })
      const { tenantId = null, guildId = null } = session
      if (ended.length > 0) {
        await changes.record(tx, viewer, {
          type: `session.${reason}`,
          userId: session.userId,
          place: { tenantId, guildId },
          resource: { type: 'session', id: session.id },
          revokes: revokesSessions(ended),
        })
      }
      return tx.findOneOrFail(Session, { id: session.id })
    })
  }

  const findOwnOrWithinReach = async (id: string): Promise<Session> => {
    const own = await database
      .acrossTenants()
      .findOne(Session, { id, userId: viewer.userId ?? '1' })
    if (own && isOwn(own.userId)) return own
    const found = await emFor(null, 'sessions:revoke').findOne(Session, { id })
    if (!found) throw identityError('SESSION_NOT_FOUND')
    return found
  }

  return {
    /** Sessions of a person, newest first. @throws SESSION_NOT_FOUND without the right to see them */
    list: (userId: string, page: PageArguments) =>
      findPage(emFor(userId, 'sessions:read'), Session, {
        where: { userId },
        orderBy: [['id', 'desc']],
        page,
      }),

    /** Ends the session of whoever asks. @throws SESSION_NOT_FOUND for a key */
    signOut: async (): Promise<Session> => {
      if (viewer.sessionId === null) throw identityError('SESSION_NOT_FOUND')
      return end(await findOwnOrWithinReach(viewer.sessionId), 'signed-out')
    },

    /** Ends one session: one's own, or another's within reach. @throws SESSION_NOT_FOUND */
    revoke: async (id: string): Promise<Session> => end(await findOwnOrWithinReach(id), 'revoked'),

    /** Ends all sessions of a person within reach. @returns how many were live @throws USER_NOT_FOUND */
    revokeAllOf: async (userId: string): Promise<{ userId: string; count: number }> => {
      const isPlatform = viewer.reach.kind === 'platform'
      const em = emFor(userId, 'sessions:revoke')
      const seen = await users.find(userId)
      return transactional(em, async (tx) => {
        // A refresh under way may be bringing a session here.
        await lockUser(tx, userId)
        const now = clock.now()
        const ended = await endSessions(tx, { userId }, { reason: 'revoked', now })
        // Who has left may have sessions here still; of who was never here nothing is recorded.
        if (!seen && ended.length === 0) throw identityError('USER_NOT_FOUND')
        const wholePerson = isPlatform ? [{ kind: 'user' as const, id: userId }] : []
        await changes.record(tx, viewer, {
          type: 'sessions.revoked',
          userId,
          place: placeOf(viewer.reach),
          resource: { type: 'user', id: userId },
          details: { ended: ended.length },
          revokes: [...wholePerson, ...revokesSessions(ended)],
        })
        return { userId, count: ended.length }
      })
    },
  }
}
