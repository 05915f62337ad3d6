/** How much goes through: so many in each second on average, so many at once after a rest. */
export type BucketBounds = { perSecond: number; burst: number }

const sinceStart = () => performance.now()

/**
 * An allowance that comes back with time, of a few numbers and no timer. It never holds more than its
 * burst, nor less than nothing. (A class because there may be tens of thousands, one for each
 * connection.)
 */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  #held: number
  #countedAt: number

  /**
   * @param now a clock that only goes forward, in milliseconds
   * @throws RangeError for bounds that are no positive numbers
   */
  constructor({ perSecond, burst }: BucketBounds, now = sinceStart) {
    if (!(perSecond > 0 && burst >= 1)) throw new RangeError('a bucket without room')
    this.#perSecond = perSecond
    this.#burst = burst
    this.#now = now
    this.#held = burst
    this.#countedAt = now()
  }

  /** Takes so many, or none at all where so many are not there. */
  take(count = 1): boolean {
    this.#refill()
    if (!(count >= 0 && count <= this.#held)) return false
    this.#held -= count
    return true
  }

  /** Milliseconds until so many will be there; infinite where they never are. */
  millisecondsUntil(count = 1): number {
    this.#refill()
    if (count > this.#burst) return Number.POSITIVE_INFINITY
    return count <= this.#held ? 0 : Math.ceil(((count - this.#held) / this.#perSecond) * 1000)
  }

  /** What is there now. */
  left(): number {
    this.#refill()
    return this.#held
  }

  #refill(): void {
    const at = this.#now()
    // A clock that went back gives nothing and takes nothing.
    const gained = ((at - this.#countedAt) / 1000) * this.#perSecond
    if (gained > 0) this.#held = Math.min(this.#burst, this.#held + gained)
    this.#countedAt = at
  }
}
