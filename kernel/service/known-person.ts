import { z } from 'zod'
import type { Reach, Viewer } from '../auth/viewer.ts'
import { isDomainError } from '../errors.ts'
import { NOT_NOW, serviceError } from './errors.ts'
import type { ServiceClient } from './service-client.ts'

/** Who knows persons, and where they belong. */
const KEEPER = 'identity'

/** All tries together: somebody waits for the answer. */
const LONGEST_WAIT_MS = 5_000

/** A guild, or a whole tenant. */
export type KnownPlace = { tenantId: string; guildId: string | null }

/** A person, and the place in which they may be known. */
export type PersonQuestion = { userId: string; place: KnownPlace }

/** A question for one list of places, and what its answer has to look like. */
const questionFor = (list: 'tenantIds' | 'guildIds') => ({
  document: `query PlacesOfPerson($id: ID!) { user(id: $id) { ${list} } }`,
  Answer: z
    .object({ user: z.object({ [list]: z.array(z.string()) }).nullable() })
    .transform(({ user }) => user?.[list] ?? []),
})
const QUESTIONS = { tenant: questionFor('tenantIds'), guild: questionFor('guildIds') } as const

/** The place as a reach of its own; null where the viewer's reach does not hold it. */
function reachWithin(reach: Reach, { tenantId, guildId }: KnownPlace) {
  const isInTenant = reach.kind === 'tenant' || (reach.kind === 'guild' && guildId !== null)
  const isHeld =
    reach.kind === 'platform' ||
    (isInTenant &&
      reach.tenantId === tenantId &&
      (reach.kind === 'tenant' || reach.guildId === guildId))
  if (!isHeld) return null
  return guildId === null
    ? { kind: 'tenant' as const, tenantId }
    : { kind: 'guild' as const, tenantId, guildId }
}

/**
 * Where identity shows the person to the viewer, of the one place that the viewer's reach was bound
 * to: the lists that it tells are cut, and this one holds that place or none.
 */
async function placesOf(services: ServiceClient, bound: Viewer, id: string): Promise<string[]> {
  const { document, Answer } = QUESTIONS[bound.reach.kind === 'guild' ? 'guild' : 'tenant']
  const signal = AbortSignal.timeout(LONGEST_WAIT_MS)
  const asked = { document, variables: { id }, viewer: bound, signal }
  const parsed = Answer.safeParse(await services.query(KEEPER, asked))
  if (parsed.success) return parsed.data
  throw serviceError('SERVICE_ANSWER_INVALID', { service: KEEPER }, { cause: parsed.error })
}

/** What an outage is told as, where a domain has no word of its own for it. */
const unreachable = (cause: unknown): Error =>
  serviceError('SERVICE_UNREACHABLE', { service: KEEPER }, { cause })

const isNoAnswer = (failure: unknown) =>
  isDomainError(failure)
    ? failure.code === 'SERVICE_UNREACHABLE' || NOT_NOW.has(failure.code)
    : failure instanceof DOMException && failure.name === 'TimeoutError'

/**
 * Whether identity knows a person in a place: an id alone may be nobody's. It is asked with the
 * viewer's own rights, who learns of nobody whom they may not see there; the viewer is known, and
 * is not asked about. Never inside a transaction. @throws what `unanswered` makes of a failure when
 * identity does not answer, by default SERVICE_UNREACHABLE; SERVICE_ANSWER_INVALID, SERVICE_CALL_IN_TRANSACTION, identity's refusals
 */
export async function isKnownAt(
  { services, viewer }: { services: ServiceClient; viewer: Viewer },
  { userId, place }: PersonQuestion,
  unanswered: (cause: unknown) => Error = unreachable,
): Promise<boolean> {
  if (userId === viewer.userId) return true
  const reach = reachWithin(viewer.reach, place)
  if (!reach) return false
  try {
    const places = await placesOf(services, { ...viewer, reach }, userId)
    return places.includes(place.guildId ?? place.tenantId)
  } catch (failure) {
    throw isNoAnswer(failure) ? unanswered(failure) : failure
  }
}
