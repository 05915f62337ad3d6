import type { Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { newId } from '#kernel/ids.ts'
import { RefreshFamily } from '../entities/refresh-family.ts'
import { Session } from '../entities/session.ts'
import { User } from '../entities/user.ts'
import { UserSettings } from '../entities/user-settings.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { type Place, placeOf } from './places.ts'
import { IDLE_MILLISECONDS, LONGEST_MILLISECONDS } from './refresh-tokens.ts'
import { type Rights, rightsFor } from './rights.ts'
import type { OpenedSession } from './signed-in.ts'

/** Who got in, where to, and from where. */
export type Arrival = { user: User; place: Place; network: string; isKnownNetwork: boolean }

const UNLOCKED = {
  failedLoginAttempts: 0,
  failuresSince: null,
  accountLocked: false,
  accountLockedUntil: null,
}

async function addSession(
  tx: SqlEntityManager,
  { user, place }: Arrival,
  { rights, salt, now }: { rights: Rights; salt: string; now: Date },
): Promise<{ session: Session; family: RefreshFamily }> {
  const times = { createdAt: now, lastUsedAt: now, endedAt: null, endReason: null }
  const isPlaceNamed = place.tenantId !== null
  const standing = isPlaceNamed ? place : placeOf(rights.reach)
  const session = tx.create(Session, { userId: user.id, ...standing, isPlaceNamed, ...times })
  tx.persist(session)
  await tx.flush()
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
  return { session, family }
}

/** Opens sessions for those whose password was right. */
export function createSessionStart(core: Core, viewer: Viewer) {
  const { database, clock, changes, clientData, knownNetworks } = core

  /** What the account remembers of it; strangers' failures are no matter of a known network. */
  const noteArrival = async (tx: SqlEntityManager, arrival: Arrival, now: Date): Promise<void> => {
    const { user, network, isKnownNetwork } = arrival
    const ip = viewer.client?.ip ?? null
    const lastLoginIp = await clientData.ofLastLogin(tx, user.id, ip)
    await updateWhere(tx, UserSettings, {
      where: { userId: user.id },
      set: { ...(isKnownNetwork ? {} : UNLOCKED), lastLoginTime: now, lastLoginIp },
    })
    await knownNetworks.remember(tx, user.id, network)
  }

  return (arrival: Arrival): Promise<OpenedSession> =>
    transactional(database.acrossTenants(), async (tx) => {
      const { user, place } = arrival
      // Locks the row (see lockUser): whoever suspends meanwhile waits, and then finds the session.
      const { id, password = null } = user
      const isUnchanged = { id, password, status: 'active' as const }
      if ((await updateWhere(tx, User, { where: isUnchanged, set: { password } })) === 0) {
        throw identityError('SIGN_IN_REFUSED')
      }
      const now = clock.now()
      const rights = await rightsFor(tx, { userId: id, place, now })
      const { session, family } = await addSession(tx, arrival, {
        rights,
        salt: newId(core.randomness),
        now,
      })
      await noteArrival(tx, arrival, now)
      // From here on the asker is a person whom the log names, with their client under their key.
      const arrived: Viewer = { ...viewer, kind: 'user', userId: id, sessionId: session.id }
      await changes.record(tx, arrived, {
        type: 'sign-in.succeeded',
        userId: id,
        place,
        resource: { type: 'session', id: session.id },
        details: { reach: rights.reach.kind },
      })
      return { session, family, rights, at: now }
    })
}
