import type { Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import type { DomainError } from '#kernel/errors.ts'
import { RefreshFamily } from '../entities/refresh-family.ts'
import { Session } from '../entities/session.ts'
import { User } from '../entities/user.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { placeOf } from './places.ts'
import { IDLE_MILLISECONDS, type PresentedToken } from './refresh-tokens.ts'
import { rightsFor } from './rights.ts'
import { endSessions, revokesSessions } from './session-ends.ts'
import { type OpenedSession, type SignedIn, toSignedIn } from './signed-in.ts'
import { lockUser } from './user-lock.ts'

/** Tabs that ask together, and an answer lost on the way: the same successor is given again. */
export const GRACE_MILLISECONDS = 10_000

type Outcome = { refreshed: OpenedSession } | { refusal: DomainError }

export type Rotation = ReturnType<typeof createRotation>

/** The next token in one conditional update; whoever meets it afterwards is the loser. */
function advance(tx: SqlEntityManager, token: PresentedToken, now: Date): Promise<number> {
  return updateWhere(tx, RefreshFamily, {
    where: {
      id: token.familyId,
      seq: token.seq,
      revokedAt: null,
      expiresAt: { $gt: now },
      absoluteExpiresAt: { $gt: now },
    },
    set: { rotatedAt: now, expiresAt: new Date(now.getTime() + IDLE_MILLISECONDS) },
    add: { seq: 1 },
  })
}

function isWithinGrace(family: RefreshFamily, { seq }: PresentedToken, now: Date): boolean {
  const sinceRotation = now.getTime() - family.rotatedAt.getTime()
  return seq === family.seq - 1 && sinceRotation <= GRACE_MILLISECONDS
}

/**
 * Rotation of refresh tokens, one row per family: no fork is possible, tabs that ask together get
 * the same answer, and a token that comes back later ends the session.
 */
export function createRotation(core: Core, viewer: Viewer) {
  const { database, clock, refreshTokens, changes } = core

  const readRefreshed = async (
    tx: SqlEntityManager,
    family: RefreshFamily,
    now: Date,
  ): Promise<Outcome> => {
    const session = await tx.findOneOrFail(Session, { id: family.sessionId })
    const user = await tx.findOneOrFail(User, { id: family.userId })
    if (!user.isActive()) return { refusal: identityError('ACCOUNT_SUSPENDED') }
    const rights = await rightsFor(tx, { userId: user.id, place: session.askedPlace(), now })
    const standing = session.isPlaceNamed ? {} : placeOf(rights.reach)
    Object.assign(session, { lastUsedAt: now, ...standing })
    await tx.flush()
    return { refreshed: { family, session, rights, at: now } }
  }

  const endReused = async (
    tx: SqlEntityManager,
    family: RefreshFamily,
    now: Date,
  ): Promise<Outcome> => {
    const session = await tx.findOneOrFail(Session, { id: family.sessionId })
    const ended = await endSessions(tx, { id: session.id }, { reason: 'reused', now })
    const { tenantId = null, guildId = null } = session
    await changes.record(tx, viewer, {
      type: 'refresh.reused',
      userId: family.userId,
      place: { tenantId, guildId },
      resource: { type: 'session', id: session.id },
      riskScore: 0.9,
      isDone: false,
      revokes: revokesSessions(ended),
    })
    return { refusal: identityError('REFRESH_TOKEN_REUSED') }
  }

  /** Locks and writes first: a read before would show MariaDB's older picture to a race's loser. */
  const rotate = async (
    tx: SqlEntityManager,
    token: PresentedToken,
    userId: string,
  ): Promise<Outcome> => {
    await lockUser(tx, userId)
    const now = clock.now()
    const isWinner = (await advance(tx, token, now)) === 1
    const family = await tx.findOneOrFail(RefreshFamily, { id: token.familyId })
    if (isWinner) return readRefreshed(tx, family, now)
    const isOver = family.expiresAt <= now || family.absoluteExpiresAt <= now
    if (family.revokedAt || isOver) return { refusal: identityError('SESSION_ENDED') }
    if (isWithinGrace(family, token, now)) return readRefreshed(tx, family, now)
    return endReused(tx, family, now)
  }

  return {
    /** @throws REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED, SESSION_ENDED, ACCOUNT_SUSPENDED */
    refresh: async (text: string): Promise<SignedIn> => {
      const token = refreshTokens.parse(text)
      const em = database.acrossTenants()
      const known = token && (await em.findOne(RefreshFamily, { id: token.familyId }))
      if (!token || !known || !refreshTokens.isGenuine(known, token)) {
        throw identityError('REFRESH_TOKEN_INVALID')
      }
      const outcome = await transactional(database.acrossTenants(), (tx) =>
        rotate(tx, token, known.userId),
      )
      if ('refusal' in outcome) throw outcome.refusal
      return toSignedIn(core, outcome.refreshed)
    },
  }
}
