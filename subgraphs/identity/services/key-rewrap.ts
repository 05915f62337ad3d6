import { createPersonKeyRows } from '#kernel/crypto/person-key-rows.ts'
import { type RewrapOptions, type RewrapProgress, rewrapPersonKeys } from '#kernel/crypto/rewrap.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import type { Core } from './core.ts'

/**
 * Wraps the keys of persons and of signatures under the newest operator key.
 * @throws REWRAP_ABORTED when the signal fires; a second run goes on where it stood
 */
export function createKeyRewrap({ database, operatorKeys, randomness }: SubgraphDeps, core: Core) {
  const store = createPersonKeyRows(() => database.acrossTenants())
  return async (options: RewrapOptions): Promise<RewrapProgress> => {
    // The few that sign come first, so that the progress of the many is the progress of all.
    const signing = await core.signingKeys.rewrap()
    const persons = await rewrapPersonKeys({ operatorKeys, store, randomness }, options)
    return {
      rewrapped: persons.rewrapped + signing.rewrapped,
      failed: persons.failed + signing.failed,
      remaining: persons.remaining + signing.remaining,
    }
  }
}
