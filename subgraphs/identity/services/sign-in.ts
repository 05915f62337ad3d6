import type { Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { newId } from '#kernel/ids.ts'
import { RefreshFamily } from '../entities/refresh-family.ts'
import { Session } from '../entities/session.ts'
import { User } from '../entities/user.ts'
import { UserSettings } from '../entities/user-settings.ts'
import { identityError } from '../errors.ts'
import { LOCK_MILLISECONDS, MOST_ATTEMPTS } from './attempts.ts'
import type { Core } from './core.ts'
import { findPlace, PLATFORM, type Place } from './places.ts'
import { IDLE_MILLISECONDS, LONGEST_MILLISECONDS } from './refresh-tokens.ts'
import { rightsFor } from './rights.ts'
import { type OpenedSession, type SignedIn, toSignedIn } from './signed-in.ts'

/** What a person shows to get in, and where he wants to act. */
export type Credentials = { email: string; password: string } & Place

type RefusalCode = 'SIGN_IN_REFUSED' | 'ACCOUNT_LOCKED' | 'ACCOUNT_SUSPENDED'
type Refusal = { code: RefusalCode; reason: string; userId: string | null; place: Place }

export type SignIn = ReturnType<typeof createSignIn>

/** Sign-in by password: equal work and equal answers whether an account exists or not. */
export function createSignIn(core: Core, viewer: Viewer) {
  const { database, clock, personData, passwords, attempts, changes } = core

  const refuse = async ({ code, reason, userId, place }: Refusal): Promise<never> => {
    const now = clock.now()
    await transactional(database.acrossTenants(), async (tx) => {
      if (reason === 'password' && userId !== null) await countFailure(tx, userId, now)
      await changes.record(tx, viewer, {
        type: 'sign-in.refused',
        userId,
        place,
        resource: { type: 'user', id: userId },
        details: { reason },
        isDone: false,
      })
    })
    throw identityError(code)
  }

  const openSession = (user: User, place: Place): Promise<OpenedSession> =>
    transactional(database.acrossTenants(), async (tx) => {
      const now = clock.now()
      // Locks the row: whoever suspends meanwhile waits, and then finds the session to end.
      const { id, password = null } = user
      const isUnchanged = { id, password, status: 'active' as const }
      if ((await updateWhere(tx, User, { where: isUnchanged, set: { password } })) === 0) {
        throw identityError('SIGN_IN_REFUSED')
      }
      const rights = await rightsFor(tx, { userId: id, place, now })
      const session = tx.create(Session, {
        userId: user.id,
        ...place,
        createdAt: now,
        lastUsedAt: now,
        endedAt: null,
        endReason: null,
      })
      tx.persist(session)
      await tx.flush()
      const family = await startFamily(tx, session, { salt: newId(core.randomness), now })
      await updateWhere(tx, UserSettings, {
        where: { userId: user.id },
        set: { ...UNLOCKED, lastLoginTime: now },
      })
      await changes.record(tx, viewer, {
        type: 'sign-in.succeeded',
        userId: user.id,
        place,
        resource: { type: 'session', id: session.id },
        details: { reach: rights.reach.kind },
      })
      return { session, family, rights }
    })

  return {
    /** @throws SIGN_IN_REFUSED, ACCOUNT_LOCKED, ACCOUNT_SUSPENDED, SIGN_IN_PLACE_UNKNOWN, EMAIL_INVALID */
    withPassword: async ({
      email,
      password,
      tenantId,
      guildId,
    }: Credentials): Promise<SignedIn> => {
      const subject = personData.emailHash(email)
      const em = database.acrossTenants()
      const user = await em.findOne(User, { emailHash: subject })
      const settings = await em.findOne(UserSettings, { userId: user?.id ?? '1' })
      const place = await findPlace(em, { tenantId, guildId })
      const refusal = { userId: user?.id ?? null, place: PLATFORM }
      if (!attempts.take(subject)) {
        return refuse({ ...refusal, code: 'ACCOUNT_LOCKED', reason: 'locked' })
      }
      const isRight = await passwords.verify(user?.password ?? null, password)
      if (user && settings?.isLockedAt(clock.now())) {
        return refuse({ ...refusal, code: 'ACCOUNT_LOCKED', reason: 'locked' })
      }
      if (!user || !isRight) {
        const reason = user ? 'password' : 'unknown'
        return refuse({ ...refusal, code: 'SIGN_IN_REFUSED', reason })
      }
      attempts.clear(subject)
      if (!user.isActive()) {
        return refuse({ ...refusal, code: 'ACCOUNT_SUSPENDED', reason: 'suspended' })
      }
      if (!place) throw identityError('SIGN_IN_PLACE_UNKNOWN')
      return toSignedIn(core, await openSession(user, place))
    },
  }
}

const UNLOCKED = { failedLoginAttempts: 0, accountLocked: false, accountLockedUntil: null }

/** One more failure in a row; the tenth locks the account, in every process, for a while. */
async function countFailure(tx: SqlEntityManager, userId: string, now: Date): Promise<void> {
  await updateWhere(tx, UserSettings, { where: { userId }, add: { failedLoginAttempts: 1 } })
  await updateWhere(tx, UserSettings, {
    where: { userId, failedLoginAttempts: { $gte: MOST_ATTEMPTS } },
    set: {
      failedLoginAttempts: 0,
      accountLocked: true,
      accountLockedUntil: new Date(now.getTime() + LOCK_MILLISECONDS),
    },
  })
}

async function startFamily(
  tx: SqlEntityManager,
  session: Session,
  { salt, now }: { salt: string; now: Date },
): Promise<RefreshFamily> {
  const family = tx.create(RefreshFamily, {
    sessionId: session.id,
    userId: session.userId,
    salt,
    seq: 0,
    rotatedAt: now,
    expiresAt: new Date(now.getTime() + IDLE_MILLISECONDS),
    absoluteExpiresAt: new Date(now.getTime() + LONGEST_MILLISECONDS),
    revokedAt: null,
  })
  tx.persist(family)
  await tx.flush()
  return family
}
