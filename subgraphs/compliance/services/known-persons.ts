import { z } from 'zod'
import { serviceError } from '#kernel/service/errors.ts'
import { complianceError } from '../errors.ts'
import type { ComplianceRequest } from './request.ts'

/** Who knows persons, and where they belong. */
const KEEPER = 'identity'

/** All tries together: somebody waits for the answer. */
const LONGEST_WAIT_MS = 5_000

const DOCUMENT = 'query TenantsOfPerson($id: ID!) { user(id: $id) { tenantIds } }'
const Answer = z.object({ user: z.object({ tenantIds: z.array(z.string()) }).nullable() })

/** The tenants in which the viewer may know the person; none where they may not see them. */
async function tenantsOf({ services, viewer }: ComplianceRequest, id: string): Promise<string[]> {
  try {
    const answer = await services.query(KEEPER, {
      document: DOCUMENT,
      variables: { id },
      // The asker's own rights: who writes consents down learns of nobody whom they may not see.
      viewer,
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    })
    return Answer.parse(answer).user?.tenantIds ?? []
  } catch (cause) {
    throw serviceError('SERVICE_UNREACHABLE', { service: KEEPER }, { cause })
  }
}

/**
 * What another said is written down of a person whom identity knows in the tenant: an id alone may be
 * nobody's. Whoever is not there and whoever the viewer may not see get the same refusal. Never asked
 * inside a transaction. @throws CONSENT_PERSON_UNKNOWN, SERVICE_UNREACHABLE
 */
export async function checkKnown(
  request: ComplianceRequest,
  { userId, tenantId }: { userId: string; tenantId: string },
): Promise<void> {
  const tenantIds = await tenantsOf(request, userId)
  if (!tenantIds.includes(tenantId)) throw complianceError('CONSENT_PERSON_UNKNOWN')
}
