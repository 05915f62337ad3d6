import { LRUCache } from 'lru-cache'
import type { Clock } from '#kernel/clock.ts'

/** Tries before a lock, and how long it and the count last. */
export const MOST_ATTEMPTS = 10
export const LOCK_MILLISECONDS = 15 * 60_000
const MOST_SUBJECTS = 50_000

/**
 * Failed tries by subject (the keyed hash of an account and its network, or an API key), known or
 * not, so that a lock does not tell who exists.
 */
export function createAttempts({ clock }: { clock: Clock }) {
  const counts = new LRUCache<string, { count: number }>({
    max: MOST_SUBJECTS,
    ttl: LOCK_MILLISECONDS,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
  })
  return {
    /** Counts one try before its outcome is known, so that parallel guesses count too. */
    take: (subject: string): boolean => {
      const known = counts.get(subject)
      if (!known) counts.set(subject, { count: 1 })
      else known.count += 1
      return (known?.count ?? 1) <= MOST_ATTEMPTS
    },
    /** Forgets the tries of who got in. */
    clear: (subject: string): void => {
      counts.delete(subject)
    },
  }
}

export type Attempts = ReturnType<typeof createAttempts>
