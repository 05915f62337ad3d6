import {
  hashOfSecret,
  newKeySecret,
  newPublicId,
  writeApiKey,
} from '#kernel/auth/api-key-format.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findPage, type PageArguments } from '#kernel/db/keyset-pages.ts'
import { ApiKey } from '../entities/api-key.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { findPlace, type Place, placeOf, reaches } from './places.ts'
import { requireOwnRights } from './roles.ts'

export type NewApiKey = { name: string; scopes: string[]; expiresAt: Date | null } & Place

/** A key with its text, which is told once and kept nowhere. */
export type IssuedKey = { apiKey: ApiKey; text: string }

const LONGEST_NAME = 100
const MOST_SCOPES = 100
/** How long the secret before a rotation still works. */
const OVERLAP_MILLISECONDS = 24 * 3_600_000

export type ApiKeys = ReturnType<typeof createApiKeys>

/** Keys with which programs act for persons, within their rights. */
export function createApiKeys(core: Core, viewer: Viewer) {
  const { database, clock, randomness, changes } = core
  /** A person has all of his keys, a key has itself: more than that its scopes have to say. */
  const isOwn = ({ id, userId }: ApiKey) =>
    viewer.kind === 'key' ? id === viewer.keyId : viewer.userId !== null && userId === viewer.userId

  /** One's own key wherever it works, another's within reach with `keys:write`. */
  const findChangeable = async (id: string): Promise<{ em: SqlEntityManager; key: ApiKey }> => {
    const wide = database.acrossTenants()
    const own = await wide.findOne(ApiKey, { id })
    if (own && isOwn(own)) return { em: wide, key: own }
    if (!viewer.scopes.includes('keys:write')) throw identityError('KEY_NOT_FOUND')
    const em = database.fork(viewer.reach)
    const key = await em.findOne(ApiKey, { id })
    if (!key) throw identityError('KEY_NOT_FOUND')
    return { em, key }
  }

  const record = (tx: SqlEntityManager, key: ApiKey, type: string) =>
    changes.record(tx, viewer, {
      type,
      userId: key.userId,
      place: { tenantId: key.tenantId ?? null, guildId: key.guildId ?? null },
      resource: { type: 'api-key', id: key.id },
      details: { scopes: key.scopes },
      revokes: type === 'api-key.revoked' ? [{ kind: 'key', id: key.id }] : [],
    })

  const findTarget = async (asked: Place): Promise<Place> => {
    const isAsked = asked.tenantId !== null || asked.guildId !== null
    const wide = database.acrossTenants()
    const target = isAsked ? await findPlace(wide, asked) : placeOf(viewer.reach)
    if (!target || !reaches(viewer.reach, target)) throw identityError('ROLE_PLACE_BEYOND_REACH')
    return target
  }

  const checkNew = ({ name, scopes, expiresAt }: NewApiKey): void => {
    const isNamed = name.trim() !== '' && name.length <= LONGEST_NAME
    const isScoped = scopes.length >= 1 && scopes.length <= MOST_SCOPES
    if (!isNamed || !isScoped) throw identityError('KEY_INVALID')
    if (expiresAt && expiresAt <= clock.now()) throw identityError('EXPIRY_IN_PAST')
    requireOwnRights(viewer, scopes)
  }

  /** A key that issued keys could outlive its own revocation. */
  const requirePerson = (): string => {
    if (viewer.kind !== 'user' || viewer.userId === null) throw identityError('KEY_NEEDS_PERSON')
    return viewer.userId
  }

  return {
    /** One's own keys, newest first; a key without `keys:read` sees itself. */
    listOwn: (page: PageArguments) =>
      findPage(database.acrossTenants(), ApiKey, {
        where: {
          userId: viewer.userId,
          ...(viewer.kind === 'key' &&
            !viewer.scopes.includes('keys:read') && { id: viewer.keyId }),
        },
        orderBy: [['id', 'desc']],
        page,
      }),

    /** @throws KEY_INVALID, ROLE_ABOVE_OWN, ROLE_PLACE_BEYOND_REACH, EXPIRY_IN_PAST, KEY_NEEDS_PERSON */
    create: async (asked: NewApiKey): Promise<IssuedKey> => {
      const userId = requirePerson()
      checkNew(asked)
      const target = await findTarget(asked)
      const publicId = newPublicId(randomness)
      const secret = newKeySecret(randomness)
      return transactional(database.fork(viewer.reach), async (tx) => {
        const apiKey = tx.create(ApiKey, {
          publicId,
          userId,
          ...target,
          name: asked.name,
          scopes: [...new Set(asked.scopes)].sort(),
          secretHash: hashOfSecret(secret),
          previousHash: null,
          previousEndsAt: null,
          createdAt: clock.now(),
          expiresAt: asked.expiresAt,
          revokedAt: null,
          lastUsedAt: null,
        })
        tx.persist(apiKey)
        await tx.flush()
        await record(tx, apiKey, 'api-key.created')
        return { apiKey, text: writeApiKey({ publicId, secret }) }
      })
    },

    /** A new secret; the one before works for another day. @throws KEY_NOT_FOUND, KEY_NEEDS_PERSON */
    rotate: async (id: string): Promise<IssuedKey> => {
      requirePerson()
      const { key } = await findChangeable(id)
      // Whoever could rotate another's key would hold a secret that acts in his name.
      if (!isOwn(key)) throw identityError('KEY_NOT_FOUND')
      const secret = newKeySecret(randomness)
      return transactional(database.acrossTenants(), async (tx) => {
        const rotated = await updateWhere(tx, ApiKey, {
          where: { id, revokedAt: null, secretHash: key.secretHash },
          set: {
            secretHash: hashOfSecret(secret),
            previousHash: key.secretHash,
            previousEndsAt: new Date(clock.now().getTime() + OVERLAP_MILLISECONDS),
          },
        })
        if (rotated === 0) throw identityError('KEY_NOT_FOUND')
        const apiKey = await tx.findOneOrFail(ApiKey, { id })
        await record(tx, apiKey, 'api-key.rotated')
        return { apiKey, text: writeApiKey({ publicId: apiKey.publicId, secret }) }
      })
    },

    /** Ends a key at once: one's own, or another's within reach. @throws KEY_NOT_FOUND */
    revoke: async (id: string): Promise<ApiKey> => {
      const { em } = await findChangeable(id)
      return transactional(em, async (tx) => {
        const where = { id, revokedAt: null }
        const revoked = await updateWhere(tx, ApiKey, { where, set: { revokedAt: clock.now() } })
        const apiKey = await tx.findOneOrFail(ApiKey, { id })
        if (revoked > 0) await record(tx, apiKey, 'api-key.revoked')
        return apiKey
      })
    },
  }
}
