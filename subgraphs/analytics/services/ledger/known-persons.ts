import { isKnownAt } from '#kernel/service/known-person.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'
import type { Place } from './account-rows.ts'

/** Without identity's word no account is opened for another. */
const unanswered = (cause: unknown) => analyticsError('IDENTITY_UNAVAILABLE', {}, { cause })

/**
 * Another's account belongs to a person whom identity knows in the guild. The viewer is known.
 * @throws ACCOUNT_PERSON_UNKNOWN, IDENTITY_UNAVAILABLE, SERVICE_ANSWER_INVALID, identity's refusals
 */
export async function checkKnown(
  request: AnalyticsRequest,
  userId: string,
  place: Place,
): Promise<void> {
  if (await isKnownAt(request, { userId, place }, unanswered)) return
  throw analyticsError('ACCOUNT_PERSON_UNKNOWN')
}
