import { createLookupHash } from '#kernel/crypto/lookup-hash.ts'
import { createPersonKeyRows } from '#kernel/crypto/person-key-rows.ts'
import { createPersonKeys } from '#kernel/crypto/person-keys.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createAttempts, OWN_TRIES } from './attempts.ts'
import { createChanges } from './changes.ts'
import { createClientData } from './client-data.ts'
import { createKnownNetworks } from './known-networks.ts'
import { createPasswords } from './passwords.ts'
import { createPersonData } from './person-data.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { createRevocations } from './revocations.ts'
import { createSignInAttempts } from './sign-in-attempts.ts'
import { createSigningKeys } from './signing-keys.ts'

/** What lives as long as the process; the services of a request are bound to it and to the viewer. */
export type Core = ReturnType<typeof createCore>

/** Wires what every request shares. */
export function createCore(deps: SubgraphDeps) {
  const { database, clock, randomness, log, events, audit } = deps
  const signingKeys = createSigningKeys(deps)
  const lookup = createLookupHash(deps.operatorKeys)
  const store = createPersonKeyRows(() => database.acrossTenants())
  const personKeys = createPersonKeys({ ...deps, store })
  const tries = { counters: deps.counters, lookup }
  const clientData = createClientData({ personKeys, lookup })
  return {
    database,
    clock,
    randomness,
    log,
    events,
    audit,
    signingKeys,
    clientData,
    changes: createChanges({ ...deps, clientData }),
    personData: createPersonData({ personKeys, lookup }),
    knownNetworks: createKnownNetworks({ database, lookup, clock }),
    passwords: createPasswords(deps),
    attempts: createAttempts(tries, 'own', OWN_TRIES),
    signInAttempts: createSignInAttempts(tries),
    accessTokens: createAccessTokens({ signingKeys, randomness }),
    refreshTokens: createRefreshTokens(deps),
    revocations: createRevocations(deps),
  }
}
