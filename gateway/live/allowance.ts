import { TokenBucket } from '../demand/token-bucket.ts'

/**
 * What one connection may do: so often a second, twice as often at once. (A class, and no bucket
 * before there is need for one: nearly all connections never use more than their first burst.)
 */
export class Allowance {
  readonly #perSecond: number
  #used = 0
  #since = 0
  #bucket: TokenBucket | null = null

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Takes one, where one is there. */
  take(): boolean {
    const burst = this.#perSecond * 2
    if (this.#used === 0) this.#since = performance.now()
    if (!this.#bucket && ++this.#used <= burst) return true
    this.#bucket ??= this.#bucketAfter(burst)
    return this.#bucket.take()
  }

  /** A bucket from which a burst was taken since the first use. */
  #bucketAfter(burst: number): TokenBucket {
    const perSecond = this.#perSecond
    const bucket = new TokenBucket({ perSecond, burst })
    const regained = ((performance.now() - this.#since) / 1000) * perSecond
    bucket.take(Math.max(0, burst - regained))
    return bucket
  }
}
