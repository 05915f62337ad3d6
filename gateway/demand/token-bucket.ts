/** How much goes through: so many in each second on average, so many at once after a rest. */
export type BucketBounds = { perSecond: number; burst: number }

/** An allowance that comes back with time. It never holds more than its burst, nor less than nothing. */
export type TokenBucket = {
  /** Takes so many (one by default), or none at all where so many are not there. */
  take: (count?: number) => boolean
  /** Milliseconds until so many will be there; infinite where they never are. */
  millisecondsUntil: (count?: number) => number
  /** What is there now. */
  left: () => number
}

/**
 * An allowance of a few numbers and no timer, for one connection.
 * @param now a clock that only goes forward, in milliseconds, such as `performance.now`
 * @throws RangeError for bounds that are no positive numbers
 */
export function createTokenBucket(
  { perSecond, burst }: BucketBounds,
  now: () => number,
): TokenBucket {
  if (!(perSecond > 0 && burst >= 1)) throw new RangeError('a bucket without room')
  let held = burst
  let countedAt = now()
  const refill = () => {
    const at = now()
    // A clock that went back gives nothing and takes nothing.
    if (at > countedAt) held = Math.min(burst, held + ((at - countedAt) / 1000) * perSecond)
    countedAt = at
  }
  return {
    take(count = 1) {
      refill()
      if (!(count >= 0 && count <= held)) return false
      held -= count
      return true
    },
    millisecondsUntil(count = 1) {
      refill()
      if (count > burst) return Number.POSITIVE_INFINITY
      return count <= held ? 0 : Math.ceil(((count - held) / perSecond) * 1000)
    },
    left() {
      refill()
      return held
    },
  }
}
