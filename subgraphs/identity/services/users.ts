import type { FilterQuery } from '@mikro-orm/core'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { createBatch, createRowBatch } from '#kernel/db/batches.ts'
import { flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findPage, type PageArguments, type PageOrder } from '#kernel/db/keyset-pages.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { SecurityEvent } from '../entities/security-event.ts'
import { User, UserPlace, type UserStatus } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'
import { UserSettings } from '../entities/user-settings.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { requirePasswordsOfOthers } from './first-passwords.ts'
import type { Personal } from './person-data.ts'
import { enterPlace, placeOf, visiblePlaces } from './places.ts'
import type { Reads } from './reads.ts'
import { endSessions, revokesSessions } from './session-ends.ts'

export type NewUser = Personal & { password: string | null }

export type Users = ReturnType<typeof createUsers>

/** A user row without anything personal; the rest is written once its id is known. */
function emptyUser(now: Date, password: string | null) {
  return {
    email: null,
    displayName: null,
    discordId: null,
    password,
    passwordChangedAt: password === null ? null : now,
    tokenGeneration: 0,
    status: 'active' as const,
    createdAt: now,
  }
}

const newSettings = (userId: string) => ({
  userId,
  mfaEnabled: false,
  mfaMethod: 'none',
  lastLoginIp: null,
  lastLoginTime: null,
  failedLoginAttempts: 0,
  failuresSince: null,
  accountLocked: false,
  accountLockedUntil: null,
})

/** Writes a new person in the transaction. @throws USER_EMAIL_TAKEN, EMAIL_INVALID, USER_NAME_INVALID */
export async function addUser(
  core: Pick<Core, 'clock' | 'personData'>,
  tx: SqlEntityManager,
  { phc, ...personal }: Personal & { phc: string | null },
): Promise<User> {
  const { clock, personData } = core
  const hashes = personData.hashesOf(personal)
  const user = tx.create(User, { ...emptyUser(clock.now(), phc), ...hashes })
  tx.persist(user)
  if (!(await flushUnlessTaken(tx))) throw identityError('USER_EMAIL_TAKEN')
  await personData.write(tx, user, personal)
  tx.persist(tx.create(UserSettings, newSettings(user.id)))
  await tx.flush()
  return user
}

/** People: seen by themselves, by those they share a place with, and by who has `users:read` there. */
export function createUsers(core: Core, viewer: Viewer, reads: Reads) {
  const { database, clock, passwords, changes } = core
  const wide = () => database.acrossTenants()
  const places = visiblePlaces(viewer)

  const visible = (): FilterQuery<User> => {
    if (places === null) return {}
    const self = viewer.userId === null ? [] : [{ id: viewer.userId }]
    const fellows = places === 'nowhere' ? [] : [{ places: { $some: places } }]
    return { $or: [...self, ...fellows, { id: null }] } as FilterQuery<User>
  }

  const findVisible = async (id: string): Promise<User> => {
    const user = await wide().findOne(User, { $and: [{ id }, visible()] })
    if (!user) throw identityError('USER_NOT_FOUND')
    return user
  }

  /** What touches the whole account belongs to the platform, unless the person is known here alone. */
  const requireOwnPerson = async (tx: SqlEntityManager, userId: string): Promise<void> => {
    if (places === null) return
    const { tenantId } = placeOf(viewer.reach)
    const elsewhere = await tx.count(UserPlace, { userId, tenantId: { $ne: tenantId } })
    const onPlatform = await tx.count(UserRole, { userId, tenantId: null })
    const isGuildOnly = viewer.reach.kind === 'guild'
    if (elsewhere > 0 || onPlatform > 0 || isGuildOnly) throw identityError('USER_BEYOND_REACH')
  }

  /** What the platform suspended, the platform restores. @throws USER_BEYOND_REACH */
  const requireOwnSuspension = async (tx: SqlEntityManager, userId: string): Promise<void> => {
    if (places === null) return
    const newestFirst = { orderBy: { id: 'desc' }, limit: 1 } as const
    const restored = { userId, eventType: 'user.restored' }
    const [last] = await tx.find(SecurityEvent, restored, newestFirst)
    const since = last ? { id: { $gt: last.id } } : {}
    const byPlatform = { userId, eventType: 'user.suspended', tenantId: null, ...since }
    if ((await tx.count(SecurityEvent, byPlatform)) > 0) throw identityError('USER_BEYOND_REACH')
  }

  const setStatus = async (id: string, status: UserStatus): Promise<User> => {
    await findVisible(id)
    return transactional(wide(), async (tx) => {
      // First the row's lock: a sign-in under way is then either seen below or refused.
      await updateWhere(tx, User, {
        where: { id },
        set: { status },
        add: { tokenGeneration: 1 },
      })
      const now = clock.now()
      await requireOwnPerson(tx, id)
      const isEnding = status === 'suspended'
      if (!isEnding) await requireOwnSuspension(tx, id)
      const ended = isEnding
        ? await endSessions(tx, { userId: id }, { reason: 'suspended', now })
        : []
      await changes.record(tx, viewer, {
        type: isEnding ? 'user.suspended' : 'user.restored',
        userId: id,
        place: placeOf(viewer.reach),
        resource: { type: 'user', id },
        revokes: isEnding ? [{ kind: 'user', id }, ...revokesSessions(ended)] : [],
      })
      return tx.findOneOrFail(User, { id })
    })
  }

  const findAll = (ids: readonly string[]) =>
    wide().find(User, { $and: [{ id: { $in: [...ids] } }, visible()] })
  const readAll = async (ids: readonly string[]) => {
    const users = await findAll(ids)
    await reads.ofUsers(users)
    return users
  }
  const load = createRowBatch(findAll, ({ id }: User) => id)
  const read = createRowBatch(readAll, ({ id }: User) => id)

  return {
    /** A person whom the viewer may see, or null: for an answer, so it counts as read. */
    byId: async (id: string): Promise<User | null> => (isDecimalId(id) ? read(id) : null),
    /** The same for work that answers nothing of the person. */
    find: async (id: string): Promise<User | null> => (isDecimalId(id) ? load(id) : null),

    /** The personal values of a person, null where erased. */
    personalOf: createBatch(core.personData.readMany),

    /** True when the viewer may see what is personal of a user whom he may see at all. A key is no
     * person: of its owner too it sees what its scopes say. */
    maySeePersonal: ({ id }: User): boolean =>
      (viewer.kind === 'user' && viewer.userId === id) ||
      (places !== 'nowhere' && viewer.scopes.includes('users:read')),

    list: async (query: {
      where: Where | null | undefined
      orderBy: PageOrder<User>
      page: PageArguments
    }) => {
      const em = wide()
      const where = { $and: [toCondition(em, User, query.where), visible()] } as FilterQuery<User>
      const page = await findPage(em, User, { ...query, where })
      await reads.ofUsers(page.edges.map(({ node }) => node))
      return page
    },

    /** @throws USER_EMAIL_TAKEN, PASSWORD_OF_OTHERS, PASSWORD_WEAK, EMAIL_INVALID,
     * USER_NAME_INVALID */
    create: async ({ password, ...personal }: NewUser): Promise<User> => {
      if (password !== null) requirePasswordsOfOthers(viewer)
      const phc = password === null ? null : await passwords.hash(password)
      return transactional(wide(), async (tx) => {
        const user = await addUser(core, tx, { ...personal, phc })
        await enterPlace(tx, user.id, placeOf(viewer.reach))
        await changes.record(tx, viewer, {
          type: 'user.created',
          userId: user.id,
          place: placeOf(viewer.reach),
          resource: { type: 'user', id: user.id },
        })
        return user
      })
    },

    /** Ends every session and refuses new ones. @throws USER_NOT_FOUND, USER_BEYOND_REACH */
    suspend: (id: string): Promise<User> => setStatus(id, 'suspended'),
    /** @throws USER_NOT_FOUND, USER_BEYOND_REACH */
    restore: (id: string): Promise<User> => setStatus(id, 'active'),
  }
}
