import { updateWhere } from '../db/conditional-writes.ts'
import type { Database } from '../db/database.ts'
import { newId, type Randomness } from '../ids.ts'
import { EventTopic } from './event-topic.ts'

/**
 * Gives every topic of a database a new epoch, as one change. After a restore sequences are given out
 * once more, for other events: a cursor from before answers CURSOR_EXPIRED instead of being misread,
 * and streams that are open end with EVENTS_MISSED. The history stays, under new cursors.
 * @returns how many topics
 */
export async function renewEpochs(database: Database, randomness: Randomness): Promise<number> {
  const set = { epoch: newId(randomness) }
  return updateWhere(database.acrossTenants(), EventTopic, { where: {}, set })
}
