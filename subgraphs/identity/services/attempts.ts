import type { Counter, CounterBounds } from '#kernel/counters/counter.ts'
import type { Counters } from '#kernel/counters/counters.ts'
import type { LookupHash } from '#kernel/crypto/lookup-hash.ts'

/** Tries of one password or key by whoever already has a session or a key's name. */
export const OWN_TRIES: CounterBounds = { most: 10, windowMilliseconds: 15 * 60_000 }

export type AttemptsDeps = { counters: Pick<Counters, 'open'>; lookup: Pick<LookupHash, 'of'> }

export type Attempts = Counter

/** Tries of one kind. Subjects leave identity as keyed hashes: addresses of people are among them. */
export function createAttempts(
  { counters, lookup }: AttemptsDeps,
  kind: string,
  bounds: CounterBounds,
): Attempts {
  const counter = counters.open(`identity.${kind}`, bounds)
  const hashOf = (subject: string) => lookup.of(`tries.${kind}`, subject)
  return {
    take: (subject) => counter.take(hashOf(subject)),
    isFull: (subject) => counter.isFull(hashOf(subject)),
    giveBack: (subject) => counter.giveBack(hashOf(subject)),
    clear: (subject) => counter.clear(hashOf(subject)),
  }
}
