import { isKnownAt } from '#kernel/service/known-person.ts'
import { complianceError } from '../errors.ts'
import type { ComplianceRequest } from './request.ts'

/**
 * What another said is written down of a person whom identity knows in the tenant; whoever is not
 * there and whoever the viewer may not see get the same refusal.
 * @throws CONSENT_PERSON_UNKNOWN, SERVICE_UNREACHABLE, SERVICE_ANSWER_INVALID, identity's refusals
 */
export async function checkKnown(
  request: ComplianceRequest,
  { userId, tenantId }: { userId: string; tenantId: string },
): Promise<void> {
  const place = { tenantId, guildId: null }
  if (await isKnownAt(request, { userId, place })) return
  throw complianceError('CONSENT_PERSON_UNKNOWN')
}
