import type { KeyObject } from 'node:crypto'
import { timingSafeEqual } from 'node:crypto'
import { hmacSha256 } from '../crypto/keyed-hash.ts'

/** What a callee says of its time when it refuses a token for its time. */
export type SealedTime = {
  /** The callee's clock, in milliseconds since 1970. */
  now: number
  /** Under the key of caller and callee, over the refused token: nobody else can say it, nor say it again. */
  seal: string
}

// A token's own signature is over a text that begins with `dst1.`: neither can be taken for the other.
const sealOf = (key: KeyObject, token: string, now: number) =>
  hmacSha256(key, `time1.${now}.${token}`)

/** Seals the time at which a token was refused. */
export function sealTime(key: KeyObject, token: string, now: number): SealedTime {
  return { now, seal: sealOf(key, token, now) }
}

/** The time of a refusal of exactly this token, or null where it is not sealed by its callee. */
export function openSealedTime(
  key: KeyObject,
  token: string,
  { now, seal }: Readonly<Record<string, unknown>>,
): number | null {
  if (typeof now !== 'number' || !Number.isSafeInteger(now) || typeof seal !== 'string') return null
  const expected = Buffer.from(sealOf(key, token, now))
  const given = Buffer.from(seal)
  return given.length === expected.length && timingSafeEqual(given, expected) ? now : null
}
