import { z } from 'zod'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'
import type { Place } from './account-rows.ts'

/** Who knows persons, and where they belong. */
const KEEPER = 'identity'

/** All tries together: somebody waits for the answer. */
const LONGEST_WAIT_MS = 5_000

const DOCUMENT = 'query PlacesOfPerson($id: ID!) { user(id: $id) { guildIds } }'
const Answer = z.object({ user: z.object({ guildIds: z.array(z.string()) }).nullable() })

/** The guilds in which the viewer may know the person; none where they may not see them. */
async function guildsOf({ services, viewer }: AnalyticsRequest, id: string): Promise<string[]> {
  try {
    const answer = await services.query(KEEPER, {
      document: DOCUMENT,
      variables: { id },
      // The asker's own rights: who opens an account learns of nobody whom they may not see.
      viewer,
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    })
    return Answer.parse(answer).user?.guildIds ?? []
  } catch (cause) {
    throw analyticsError('IDENTITY_UNAVAILABLE', {}, { cause })
  }
}

/**
 * Another's account belongs to a person whom identity knows in the guild: an id alone may be nobody's. The viewer is
 * known. @throws ACCOUNT_PERSON_UNKNOWN, IDENTITY_UNAVAILABLE
 */
export async function checkKnown(
  request: AnalyticsRequest,
  userId: string,
  { guildId }: Place,
): Promise<void> {
  if (userId === request.viewer.userId) return
  const guildIds = await guildsOf(request, userId)
  if (!guildIds.includes(guildId)) throw analyticsError('ACCOUNT_PERSON_UNKNOWN')
}
