import type { CalleeTokens } from '#kernel/auth/callee-tokens.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import type { Platform } from '../../gateway-options.ts'
import type { GatewaySettings } from '../../settings.ts'
import { createApiKeyStrategy } from './api-key.ts'
import type { IdentityStrategy } from './identity.ts'
import { createIdentityClient } from './identity-client.ts'
import { createJwks } from './jwks.ts'
import { createJwtStrategy } from './jwt.ts'
import { type RevocationFeed, startRevocationFeed } from './revocation-feed.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { createWho, type Who } from './who.ts'

/** Who asks, and what became of their rights since. */
export type WhoIsAsking = {
  who: Who
  revocations: Revocations
  /** Null where there is no platform. */
  feed: Pick<RevocationFeed, 'isConnected' | 'wasConnected'> | null
  close: () => Promise<void>
}

export type WhoIsAskingDeps = {
  platform: Platform | null
  tokens: CalleeTokens | null
  clock: Clock
  randomness: Randomness
  settings: GatewaySettings
  log: Logger
}

/** Without a platform every credential is refused, because nobody here could check it. */
export function createWhoIsAsking(deps: WhoIsAskingDeps): WhoIsAsking {
  const { platform, tokens, clock, randomness, settings, log } = deps
  const revocations = createRevocations(clock)
  if (!platform) {
    return { who: createWho([]), revocations, feed: null, close: async () => undefined }
  }
  const { identity, issuer, audience } = platform
  const ways = { settings: settings.subgraph, randomness, log }
  const client = createIdentityClient({ ...ways, identity, tokens })
  const cooldownMs = settings.who.jwksCooldownMs
  const jwks = createJwks({ fetchJwks: client.fetchJwks, clock, cooldownMs })
  const feed = startRevocationFeed({
    // Whoever is connected can check tokens for as long as identity is away afterwards.
    open: async (signal) => {
      await jwks.known()
      return client.openRevocations(signal)
    },
    revocations,
    settings: settings.who,
    randomness,
    log,
  })
  const shared = { revocations, clock, settings: settings.who }
  const strategies: IdentityStrategy[] = [
    createApiKeyStrategy({ ...shared, introspect: client.introspect }),
    createJwtStrategy({ ...shared, keys: jwks.keyOf, issuer, audience }),
  ]
  return { who: createWho(strategies), revocations, feed, close: feed.close }
}
