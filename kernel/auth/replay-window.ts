import type { Clock } from '../clock.ts'
import { authError } from './errors.ts'

/** Remembers which token ids were used until their tokens have expired. */
export type ReplayWindow = {
  /** True the first time an id is seen. Throws SERVICE_TOKEN_WINDOW_FULL rather than forget one early. */
  admit: (id: string, forgetAtMs: number) => boolean
  readonly size: number
}

const DEFAULT_CAPACITY = 1_000_000

/**
 * A bounded memory of token ids for one process. Only ids of authentic tokens may be offered, so no
 * stranger can fill it. Replicas of one service each have their own: a token can at worst be used
 * once per replica within its 30 s.
 */
export function createReplayWindow(options: { clock: Clock; capacity?: number }): ReplayWindow {
  const { clock, capacity = DEFAULT_CAPACITY } = options
  const forgetAtById = new Map<string, number>()

  // Lifetimes are equal, so insertion order is nearly the order of expiry and the sweep stops early.
  const forgetExpired = (nowMs: number) => {
    for (const [id, forgetAtMs] of forgetAtById) {
      if (forgetAtMs > nowMs) return
      forgetAtById.delete(id)
    }
  }

  return {
    admit: (id, forgetAtMs) => {
      forgetExpired(clock.now().getTime())
      if (forgetAtById.has(id)) return false
      if (forgetAtById.size >= capacity) throw authError('SERVICE_TOKEN_WINDOW_FULL')
      forgetAtById.set(id, forgetAtMs)
      return true
    },
    get size() {
      return forgetAtById.size
    },
  }
}
