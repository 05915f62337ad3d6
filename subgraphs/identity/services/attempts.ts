import { LRUCache } from 'lru-cache'
import type { Clock } from '#kernel/clock.ts'

/** How many tries in how long a time. */
export type TryBounds = { most: number; windowMilliseconds: number }

/** Tries of one password or key by whoever already has a session or a key's name. */
export const OWN_TRIES: TryBounds = { most: 10, windowMilliseconds: 15 * 60_000 }

const MOST_SUBJECTS = 50_000

/**
 * Tries by subject, known or not, so that a lock does not tell who exists. The last try that is
 * taken begins the window anew: a lock lasts as long as its window.
 */
export function createAttempts({ clock, most, windowMilliseconds }: { clock: Clock } & TryBounds) {
  const counts = new LRUCache<string, { taken: number }>({
    max: MOST_SUBJECTS,
    ttl: windowMilliseconds,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
  })
  return {
    /** Counts one try before its outcome is known, so that parallel guesses count too. */
    take: (subject: string): boolean => {
      const known = counts.get(subject)
      const counted = known ?? { taken: 0 }
      if (counted.taken >= most) return false
      counted.taken += 1
      if (!known || counted.taken === most) counts.set(subject, counted)
      return true
    },
    isFull: (subject: string): boolean => (counts.get(subject)?.taken ?? 0) >= most,
    /** One try was none after all. */
    giveBack: (subject: string): void => {
      const counted = counts.get(subject)
      if (counted && counted.taken > 0) counted.taken -= 1
    },
    /** Forgets the tries of who got in. */
    clear: (subject: string): void => {
      counts.delete(subject)
    },
  }
}

export type Attempts = ReturnType<typeof createAttempts>
