import { gatewayError } from '../../errors.ts'
import { anonymousIdentity } from './anonymous.ts'
import { bearerCredential } from './bearer.ts'
import type { Identity, IdentityStrategy } from './identity.ts'

/** What a request or a connection says about its sender. */
export type Introduction = { authorization: string | null; ip: string | null }

/** Finds out who asks. */
export type Who = { identify: (introduction: Introduction) => Promise<Identity> }

/** Tries the strategies in their order; without a credential it is nobody. */
export function createWho(strategies: readonly IdentityStrategy[]): Who {
  return {
    async identify({ authorization, ip }) {
      const credential = bearerCredential(authorization)
      if (credential === null) return anonymousIdentity
      const strategy = strategies.find(({ recognises }) => recognises(credential))
      if (!strategy) throw gatewayError('TOKEN_INVALID')
      return strategy.identify({ credential, ip })
    },
  }
}
