import { createHash, randomBytes } from 'node:crypto'

/** Where every random byte of the platform comes from, so that tests can repeat a run. */
export type Randomness = {
  /** Uniform, unpredictable bytes. */
  bytes: (count: number) => Buffer
}

export const systemRandomness: Randomness = createPooledRandomness()

/** Asking the system for the bytes of an id costs more than all else that an id takes. */
const MOST_POOLED = 16
const POOL_BYTES = 4096

/** Ids are taken from a pool, each byte once; whatever is longer, such as keys, never lies in it. */
function createPooledRandomness(): Randomness {
  let pool = Buffer.alloc(0)
  let taken = 0
  return {
    bytes(count) {
      if (count > MOST_POOLED) return randomBytes(count)
      if (taken + count > pool.length) {
        pool = randomBytes(POOL_BYTES)
        taken = 0
      }
      const bytes = Buffer.from(pool.subarray(taken, taken + count))
      pool.fill(0, taken, taken + count)
      taken += count
      return bytes
    },
  }
}

/** A repeatable sequence for tests and simulations; never for secrets. */
export function createSeededRandomness(seed: string): Randomness {
  let block = 0
  return {
    bytes: (count) => {
      const parts: Buffer[] = []
      for (let length = 0; length < count; length += 32) {
        parts.push(createHash('sha256').update(`${seed}:${block++}`).digest())
      }
      return Buffer.concat(parts).subarray(0, count)
    },
  }
}

/** 128 random bits, URL-safe, 22 characters: request ids, token ids, idempotency keys. */
export function newId(randomness: Randomness = systemRandomness): string {
  return randomness.bytes(16).toString('base64url')
}

const DECIMAL_ID = /^[1-9]\d{0,18}$/
const LARGEST_ID = 2n ** 63n - 1n

/** True for the text form of a positive BIGINT, the only form of an id outside the database. */
export function isDecimalId(text: unknown): text is string {
  return typeof text === 'string' && DECIMAL_ID.test(text) && BigInt(text) <= LARGEST_ID
}
