import { isKnownAt, type PersonQuestion } from '#kernel/service/known-person.ts'
import { aiError } from '../errors.ts'
import type { AiRequest } from './request.ts'

/**
 * What another said is written down of a person whom identity knows at the place; whoever is not
 * there and whoever the viewer may not see get the same refusal.
 * @throws CONVERSATION_PERSON_UNKNOWN, SERVICE_UNREACHABLE, SERVICE_ANSWER_INVALID, identity's refusals
 */
export async function checkKnown(request: AiRequest, question: PersonQuestion): Promise<void> {
  if (await isKnownAt(request, question)) return
  throw aiError('CONVERSATION_PERSON_UNKNOWN')
}
