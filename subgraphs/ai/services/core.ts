import { createPersonKeyRows } from '#kernel/crypto/person-key-rows.ts'
import { createPersonKeys } from '#kernel/crypto/person-keys.ts'
import { type RewrapOptions, rewrapPersonKeys } from '#kernel/crypto/rewrap.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { registerModel } from './model-registry.ts'
import { type ModelAtHand, type ModelSource, openModel } from './model-source.ts'
import { createDerived } from './predictions.ts'
import { createRatings } from './ratings.ts'
import { createScoring } from './scoring.ts'

export type Core = Awaited<ReturnType<typeof openCore>>

/**
 * Registers the model once in this process, when it is first needed: whoever only migrates the
 * database opens the subgraph too. One that failed is tried again.
 */
function createRegistering(deps: SubgraphDeps, { loaded }: ModelAtHand) {
  let done: Promise<void> | null = null
  return (): Promise<void> => {
    done ??= loaded ? registerModel(deps, loaded) : Promise.resolve()
    const tried = done
    return tried.catch((failure: unknown) => {
      if (done === tried) done = null
      throw failure
    })
  }
}

/** What all requests of a process share: the model, its ratings, the keys of persons. */
export async function openCore(deps: SubgraphDeps, source: ModelSource) {
  const { database, operatorKeys, randomness, clock, log } = deps
  const store = createPersonKeyRows(() => database.acrossTenants())
  const atHand = await openModel(source, log)
  return {
    deps,
    atHand,
    register: createRegistering(deps, atHand),
    ratings: createRatings(database),
    derived: createDerived(),
    scoring: createScoring({ database, clock, log }),
    personKeys: createPersonKeys({ operatorKeys, store, randomness, clock }),
    /** @throws REWRAP_ABORTED when the signal fires; a second run goes on where it stood */
    rewrapKeys: (options: RewrapOptions) =>
      rewrapPersonKeys({ operatorKeys, store, randomness }, options),
  }
}
