import type { Database } from '../db/database.ts'
import { EventRow } from './event-row.ts'
import { EventTopic } from './event-topic.ts'
import type { StoredEvent } from './stored-event.ts'

export type TopicState = Readonly<Pick<EventTopic, 'topic' | 'epoch' | 'lastSeq' | 'firstSeq'>>

export type EventTable = ReturnType<typeof createEventTable>

/** Topics asked for in one query. */
const TOPICS_PER_QUERY = 500

/** What subscribers may ask of the tables; writing is `publish` and `trim`. */
export function createEventTable(database: Database) {
  return {
    /** The state of a topic, or null before its first event. */
    readTopic: (topic: string): Promise<TopicState | null> =>
      database.acrossTenants().findOne(EventTopic, { topic }),

    /** The states of those topics that have one. */
    readTopics: async (topics: readonly string[]): Promise<TopicState[]> => {
      const states: TopicState[] = []
      for (let start = 0; start < topics.length; start += TOPICS_PER_QUERY) {
        const some = topics.slice(start, start + TOPICS_PER_QUERY)
        states.push(...(await database.acrossTenants().find(EventTopic, { topic: { $in: some } })))
      }
      return states
    },

    /** Up to `limit` events after a place, by sequence. */
    readAfter: async (
      topic: string,
      { epoch, afterSeq, limit }: { epoch: string; afterSeq: number; limit: number },
    ): Promise<StoredEvent[]> => {
      const where = { topic, seq: { $gt: afterSeq } }
      const order = { orderBy: { seq: 'asc' }, limit, disableIdentityMap: true } as const
      const rows = await database.acrossTenants().find(EventRow, where, order)
      return rows.map((row) => toStoredEvent(row, epoch))
    },
  }
}

/** The event that a row holds. */
export function toStoredEvent(row: Omit<EventRow, 'id'>, epoch: string): StoredEvent {
  const { topic, seq, type, payload, at } = row
  return { topic, epoch, seq, type, payload, at }
}
