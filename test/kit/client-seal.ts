import { createClientSeal } from '#kernel/audit/client-seal.ts'
import { createSeededRandomness } from '#kernel/ids.ts'

/** A seal of clients under a key of the tests' own. */
export const TEST_CLIENT_SEAL = createClientSeal({
  operatorKeys: { root: Buffer.alloc(32, 9) },
  randomness: createSeededRandomness('client seal'),
})
