import { LRUCache } from 'lru-cache'
import { growingTo } from '../cache-bounds.ts'
import type { Clock } from '../clock.ts'
import type { Counter, CounterBounds } from './counter.ts'

/** Subjects can be invented by whoever asks: the one not seen for longest gives way. */
const MOST_SUBJECTS = 50_000

/** Counts within this process. */
export function createMemoryCounter(
  { most, windowMilliseconds }: CounterBounds,
  clock: Clock,
): Counter {
  const counts = new LRUCache<string, { taken: number }>({
    ...growingTo(MOST_SUBJECTS),
    ttl: windowMilliseconds,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
  })
  return {
    take: async (subject) => {
      const known = counts.get(subject)
      const counted = known ?? { taken: 0 }
      if (counted.taken >= most) return false
      counted.taken += 1
      if (!known || counted.taken === most) counts.set(subject, counted)
      return true
    },
    isFull: async (subject) => (counts.get(subject)?.taken ?? 0) >= most,
    giveBack: async (subject) => {
      const counted = counts.get(subject)
      if (counted && counted.taken > 0) counted.taken -= 1
    },
    clear: async (subject) => {
      counts.delete(subject)
    },
  }
}
