import type { AllowanceBounds } from '#kernel/counters/allowance.ts'
import { gatewayError } from '../errors.ts'
import { TokenBucket } from './token-bucket.ts'

/** What each live connection may have delivered: events cost what completes them. */
export type ConnectionBudgets = {
  /** Takes the cost of one event. @returns why it may not be had, or null. */
  charge: (connection: object, points: number) => ReturnType<typeof gatewayError> | null
}

/** Kept with the connection itself, and forgotten with it. */
export function createConnectionBudgets(
  { most, perSecond }: AllowanceBounds,
  now: () => number,
): ConnectionBudgets {
  const buckets = new WeakMap<object, TokenBucket>()
  const bucketOf = (connection: object) => {
    const known = buckets.get(connection)
    if (known) return known
    const bucket = new TokenBucket({ burst: most, perSecond }, now)
    buckets.set(connection, bucket)
    return bucket
  }
  return {
    charge(connection, points) {
      const bucket = bucketOf(connection)
      const wanted = Math.min(points, most)
      if (bucket.take(wanted)) return null
      const retryAfter = Math.max(1, Math.ceil(bucket.millisecondsUntil(wanted) / 1000))
      return gatewayError('BUDGET_EXHAUSTED', { budget: 'connection', retryAfter })
    },
  }
}
