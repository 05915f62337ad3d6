import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createAttempts } from './attempts.ts'
import { createChanges } from './changes.ts'
import { createPasswords } from './passwords.ts'
import { createPersonData } from './person-data.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { createRevocations } from './revocations.ts'
import { createSigningKeys } from './signing-keys.ts'

/** What lives as long as the process; the services of a request are bound to it and to the viewer. */
export type Core = ReturnType<typeof createCore>

/** Wires what every request shares. */
export function createCore(deps: SubgraphDeps) {
  const { database, clock, randomness, log, events } = deps
  const signingKeys = createSigningKeys(deps)
  return {
    database,
    clock,
    randomness,
    log,
    events,
    signingKeys,
    changes: createChanges(deps),
    personData: createPersonData(deps),
    passwords: createPasswords(deps),
    attempts: createAttempts(deps),
    accessTokens: createAccessTokens({ signingKeys, clock, randomness }),
    refreshTokens: createRefreshTokens(deps),
    revocations: createRevocations(deps),
  }
}
