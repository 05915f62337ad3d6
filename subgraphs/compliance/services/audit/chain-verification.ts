import { complianceError } from '../../errors.ts'
import type { ComplianceRequest } from '../request.ts'
import { chainOf } from './entry.ts'
import { feedPlaceOf } from './feed-place.ts'
import { acrossTenantsVerify, isNothing, type VerificationDeps } from './verification.ts'

/** Entries that one question looks at. */
const ENTRIES_AT_ONCE = 2_000

export type AskedVerification = {
  tenantId?: string | null | undefined
  fromSeq?: number | null | undefined
}

export type ChainVerification = ReturnType<typeof createChainVerification>

/** A look at a chain for whoever answers for the whole of it. */
export function createChainVerification(request: ComplianceRequest, deps: VerificationDeps) {
  return {
    /**
     * @throws AUDIT_CHAIN_NOT_FOUND, also to guilds: a chain is the whole tenant's; also where nothing
     * stands; AUDIT_PLACE_INVALID
     */
    verify: async ({ tenantId, fromSeq }: AskedVerification) => {
      const place = feedPlaceOf(request.viewer, tenantId ?? null)
      if (place.guildId !== null) throw complianceError('AUDIT_CHAIN_NOT_FOUND')
      if ((fromSeq ?? 1) < 1) throw complianceError('AUDIT_PLACE_INVALID')
      const asked = { chain: chainOf(place.tenantId), limit: ENTRIES_AT_ONCE }
      const found = await acrossTenantsVerify(deps, { ...asked, fromSeq: fromSeq ?? 1 })
      if (isNothing(found)) throw complianceError('AUDIT_CHAIN_NOT_FOUND')
      return found
    },
  }
}
