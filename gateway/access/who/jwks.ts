import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type JWTVerifyGetKey,
} from 'jose'
import type { Clock } from '#kernel/clock.ts'
import { gatewayError } from '../../errors.ts'

export type JwksDeps = {
  fetchJwks: () => Promise<JSONWebKeySet>
  clock: Clock
  /** Shortest time between two readings for a key id that is not known. */
  cooldownMs: number
}

export type Jwks = {
  keyOf: JWTVerifyGetKey
  /** Resolves when the keys were read once, now or before. @throws IDENTITY_UNREACHABLE */
  known: () => Promise<void>
}

type Keys = ReturnType<typeof createLocalJWKSet>

/**
 * The public keys of identity. An unknown key id reads them again, but not more often than the
 * cool-down allows: a caller can invent key ids faster than identity can answer.
 */
export function createJwks({ fetchJwks, clock, cooldownMs }: JwksDeps): Jwks {
  let keys: Keys | null = null
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<Keys> | null = null

  const read = () => {
    reading ??= fetchJwks()
      .then((set) => {
        keys = createLocalJWKSet(set)
        readAt = clock.now().getTime()
        return keys
      })
      .catch((cause: unknown) => {
        throw gatewayError('IDENTITY_UNREACHABLE', {}, { cause })
      })
      .finally(() => {
        reading = null
      })
    return reading
  }

  const keyOf = async (header: JWSHeaderParameters, input: FlattenedJWSInput) => {
    const known = keys ?? (await read())
    try {
      return await known(header, input)
    } catch (failure) {
      if (!(failure instanceof errors.JWKSNoMatchingKey)) throw failure
      if (clock.now().getTime() - readAt < cooldownMs) throw failure
    }
    return (await read())(header, input)
  }
  return { keyOf, known: async () => void (keys ?? (await read())) }
}
