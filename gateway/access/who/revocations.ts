import type { Clock } from '#kernel/clock.ts'
import { isRecord } from '../../transport/answer.ts'
import type { Identity } from './identity.ts'

/** One thing that is no longer to be believed: identity says so, the gateway acts on it. */
export type Revocation = {
  /** `user` ends every token of that user issued before `at`. */
  kind: 'session' | 'user' | 'key' | 'token'
  id: string
  at: Date
}

/** What was revoked lately, and a call for whoever must act at once. */
export type Revocations = {
  add: (revocation: Revocation) => void
  isRevoked: (identity: Identity) => boolean
  /** Calls back for each new revocation until the returned function is called. */
  listen: (listener: (revocation: Revocation) => void) => () => void
}

/** Access tokens live five minutes; four more cover clocks that are apart by two, here and at identity. */
const REMEMBERED_MS = 540_000
const KINDS: readonly string[] = ['session', 'user', 'key', 'token'] satisfies Revocation['kind'][]

/** Remembers revocations for as long as a token issued before them may live. */
export function createRevocations(clock: Clock): Revocations {
  const revokedAt = new Map<string, number>()
  const listeners = new Set<(revocation: Revocation) => void>()
  return {
    add(revocation) {
      forgetOlder(revokedAt, clock.now().getTime() - REMEMBERED_MS)
      const key = `${revocation.kind}:${revocation.id}`
      const at = revocation.at.getTime()
      if (at <= (revokedAt.get(key) ?? Number.NEGATIVE_INFINITY)) return
      // Re-inserted, so that the map stays ordered by time and forgetting stops at the first young one.
      revokedAt.delete(key)
      revokedAt.set(key, at)
      for (const listener of listeners) listener(revocation)
    },
    isRevoked: (identity) =>
      revocationsThatEnd(identity).some((key) => endsBefore(revokedAt.get(key), key, identity)),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function forgetOlder(revokedAt: Map<string, number>, limit: number): void {
  for (const [key, at] of revokedAt) {
    if (at >= limit) return
    revokedAt.delete(key)
  }
}

function revocationsThatEnd({ viewer, tokenId }: Identity): string[] {
  const named = {
    session: viewer.sessionId,
    user: viewer.userId,
    key: viewer.keyId,
    token: tokenId,
  }
  return Object.entries(named).flatMap(([kind, id]) => (id === null ? [] : [`${kind}:${id}`]))
}

function endsBefore(at: number | undefined, key: string, { issuedAt }: Identity): boolean {
  if (at === undefined) return false
  if (!key.startsWith('user:')) return true
  // In the same millisecond the revocation wins.
  return issuedAt === null || issuedAt.getTime() <= at
}

/** Narrows one revocation of the feed, or null when it is none. */
export function parseRevocation(value: unknown): Revocation | null {
  if (!isRecord(value)) return null
  const { kind, id, at } = value
  if (typeof kind !== 'string' || !KINDS.includes(kind)) return null
  if (typeof id !== 'string' || id === '' || id.length > 128) return null
  const instant = typeof at === 'string' ? new Date(at) : null
  if (!instant || Number.isNaN(instant.getTime())) return null
  return { kind: kind as Revocation['kind'], id, at: instant }
}
