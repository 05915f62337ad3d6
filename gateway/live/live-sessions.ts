import type { Clock } from '#kernel/clock.ts'
import type { Identity } from '../access/who/identity.ts'
import type { Revocations } from '../access/who/revocations.ts'
import { createExpiries } from './expiries.ts'

/** Why a live connection may not go on. */
export type EndReason = 'TOKEN_EXPIRED' | 'TOKEN_REVOKED'

/** Watches over everything that outlives one request: rights end while it runs. */
export type LiveSessions = {
  /** Calls `end` once when the identity expires or is revoked, until the returned function is called. */
  watch: (identity: Identity, end: (reason: EndReason) => void) => () => void
  close: () => void
}

type Watched = { identity: Identity; end: (reason: EndReason) => void }

/** One listener on the revocations for all connections, and one timer for all that expire. */
export function createLiveSessions(deps: { revocations: Revocations; clock: Clock }): LiveSessions {
  const watched = new Set<Watched>()
  const expiries = createExpiries(deps.clock)
  const stopListening = deps.revocations.listen(() => {
    for (const { identity, end } of [...watched]) {
      if (deps.revocations.isRevoked(identity)) end('TOKEN_REVOKED')
    }
  })
  return {
    watch(identity, end) {
      const stop = () => {
        watched.delete(entry)
        stopExpiry()
      }
      const entry: Watched = {
        identity,
        end: (reason) => {
          stop()
          end(reason)
        },
      }
      watched.add(entry)
      const stopExpiry = identity.expiresAt
        ? expiries.at(identity.expiresAt, () => entry.end('TOKEN_EXPIRED'))
        : () => undefined
      // Revoked between the check and this watch: nobody would call again.
      if (deps.revocations.isRevoked(identity)) entry.end('TOKEN_REVOKED')
      return stop
    },
    close() {
      stopListening()
      expiries.close()
    },
  }
}
