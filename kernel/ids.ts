import { createHash, randomBytes } from 'node:crypto'

/** Where every random byte of the platform comes from, so that tests can repeat a run. */
export type Randomness = {
  /** Uniform, unpredictable bytes. */
  bytes: (count: number) => Buffer
}

export const systemRandomness: Randomness = { bytes: (count) => randomBytes(count) }

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
