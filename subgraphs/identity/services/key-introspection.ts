import { timingSafeEqual } from 'node:crypto'
import { type ApiKeyParts, hashOfSecret, parseApiKey } from '#kernel/auth/api-key-format.ts'
import type { Client } from '#kernel/auth/client.ts'
import { anonymousViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { ApiKey } from '../entities/api-key.ts'
import { User } from '../entities/user.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { PLATFORM } from './places.ts'
import { type Rights, rightsAt } from './rights.ts'
import { suspendedAmong } from './tenant-standings.ts'

/** Who asks with a key, and for how long that may be believed; what is revoked after `at` ends it. */
export type Introspection = { viewer: Viewer; expiresAt: Date | null; at: Date }

/** How exactly the last use of a key is kept. */
const USE_MILLISECONDS = 60_000

/** With which request a key came, and from where. */
export type Presented = { requestId: string; client: Client | null }

export type KeyIntrospection = ReturnType<typeof createKeyIntrospection>

function isSecretOf(key: ApiKey, secret: string, now: Date): boolean {
  const presented = Buffer.from(hashOfSecret(secret))
  const isSame = (stored: string) => timingSafeEqual(presented, Buffer.from(stored))
  if (isSame(key.secretHash)) return true
  const { previousHash, previousEndsAt } = key
  return Boolean(previousHash && previousEndsAt && previousEndsAt > now && isSame(previousHash))
}

const isLive = ({ revokedAt, expiresAt }: ApiKey, now: Date) =>
  !revokedAt && (!expiresAt || expiresAt > now)

function earliest(...instants: (Date | null | undefined)[]): Date | null {
  const times = instants.flatMap((instant) => instant?.getTime() ?? [])
  return times.length === 0 ? null : new Date(Math.min(...times))
}

/** A key opens what it was given and its owner still holds at its place. */
function toViewer(key: ApiKey, rights: Rights, requestId: string): Viewer {
  const own = new Set(rights.scopes)
  const scopes = key.scopes.filter((scope) => own.has(scope)).sort()
  const reach = scopes.length === 0 ? ({ kind: 'none' } as const) : rights.reach
  const owned = { userId: key.userId, keyId: key.id }
  return { ...anonymousViewer(requestId), kind: 'key', ...owned, reach, scopes }
}

/** What an API key stands for at this moment. */
export function createKeyIntrospection(core: Core) {
  const { database, clock, attempts, changes } = core

  /** A wrong secret of a known key is told, but not so often that telling becomes the attack. */
  const refuse = async (key: ApiKey, { requestId, client }: Presented): Promise<never> => {
    if (await attempts.take(`key:${key.id}`)) {
      await transactional(database.acrossTenants(), (tx) =>
        changes.record(tx, anonymousViewer(requestId, client), {
          type: 'api-key.refused',
          userId: key.userId,
          place: { tenantId: key.tenantId ?? null, guildId: key.guildId ?? null },
          resource: { type: 'api-key', id: key.id },
          isDone: false,
        }),
      )
    }
    throw identityError('KEY_REFUSED')
  }

  const noteUse = async (em: SqlEntityManager, key: ApiKey, now: Date): Promise<void> => {
    const before = new Date(now.getTime() - USE_MILLISECONDS)
    if (key.lastUsedAt && key.lastUsedAt > before) return
    await updateWhere(em, ApiKey, {
      where: { id: key.id, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lte: before } }] },
      set: { lastUsedAt: now },
    })
  }

  const introspect = async ({ publicId, secret }: ApiKeyParts, presented: Presented) => {
    const now = clock.now()
    const em = database.acrossTenants()
    const key = await em.findOne(ApiKey, { publicId })
    if (!key) throw identityError('KEY_REFUSED')
    if (!isSecretOf(key, secret, now) || !isLive(key, now)) return refuse(key, presented)
    const owner = await em.findOne(User, { id: key.userId })
    if (!owner?.isActive()) return refuse(key, presented)
    const { tenantId = null } = key
    if (tenantId !== null && (await suspendedAmong(em, [tenantId])).size > 0) {
      return refuse(key, presented)
    }
    const place = { ...PLATFORM, tenantId, guildId: key.guildId ?? null }
    const rights = await rightsAt(em, { userId: key.userId, place, now })
    await noteUse(em, key, now)
    return {
      viewer: toViewer(key, rights, presented.requestId),
      expiresAt: earliest(key.expiresAt, rights.endsAt),
      at: now,
    }
  }

  return {
    /** @throws KEY_MALFORMED before anything is looked up, KEY_REFUSED */
    introspect: async (text: string, presented: Presented): Promise<Introspection> => {
      const parts = parseApiKey(text)
      if (!parts) throw identityError('KEY_MALFORMED')
      return introspect(parts, presented)
    },
  }
}
