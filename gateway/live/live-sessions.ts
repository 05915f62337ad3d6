import type { Clock } from '#kernel/clock.ts'
import type { Identity } from '../access/who/identity.ts'
import type { Revocations } from '../access/who/revocations.ts'

/** Why a live connection may not go on. */
export type EndReason = 'TOKEN_EXPIRED' | 'TOKEN_REVOKED'

/** Watches over everything that outlives one request: rights end while it runs. */
export type LiveSessions = {
  /** Calls `end` once when the identity expires or is revoked, until the returned function is called. */
  watch: (identity: Identity, end: (reason: EndReason) => void) => () => void
  close: () => void
}

type Watched = { identity: Identity; end: (reason: EndReason) => void }

/** Timers of Node overflow past this many milliseconds and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** One listener on the revocations for all connections, one timer for each that expires. */
export function createLiveSessions(deps: { revocations: Revocations; clock: Clock }): LiveSessions {
  const watched = new Set<Watched>()
  const stopListening = deps.revocations.listen(() => {
    for (const { identity, end } of [...watched]) {
      if (deps.revocations.isRevoked(identity)) end('TOKEN_REVOKED')
    }
  })
  return {
    watch(identity, end) {
      const stop = () => {
        watched.delete(entry)
        stopTimer()
      }
      const entry: Watched = {
        identity,
        end: (reason) => {
          stop()
          end(reason)
        },
      }
      watched.add(entry)
      const stopTimer = atExpiry(deps.clock, identity, () => entry.end('TOKEN_EXPIRED'))
      // Revoked between the check and this watch: nobody would call again.
      if (deps.revocations.isRevoked(identity)) entry.end('TOKEN_REVOKED')
      return stop
    },
    close: stopListening,
  }
}

function atExpiry(clock: Clock, { expiresAt }: Identity, expired: () => void): () => void {
  if (!expiresAt) return () => undefined
  let timer: NodeJS.Timeout
  const arm = () => {
    const left = expiresAt.getTime() - clock.now().getTime()
    timer = setTimeout(
      () => (clock.now() >= expiresAt ? expired() : arm()),
      Math.min(Math.max(left, 0), LONGEST_TIMER_MS),
    )
  }
  arm()
  return () => clearTimeout(timer)
}
