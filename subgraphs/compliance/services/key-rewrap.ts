import { createPersonKeyRows } from '#kernel/crypto/person-key-rows.ts'
import { type RewrapOptions, rewrapPersonKeys } from '#kernel/crypto/rewrap.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'

/**
 * Wraps the keys of persons under the newest operator key.
 * @throws REWRAP_ABORTED when the signal fires; a second run goes on where it stood
 */
export function createKeyRewrap({ database, operatorKeys, randomness }: SubgraphDeps) {
  const store = createPersonKeyRows(() => database.acrossTenants())
  return (options: RewrapOptions) => rewrapPersonKeys({ operatorKeys, store, randomness }, options)
}
