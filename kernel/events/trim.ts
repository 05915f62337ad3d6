import { deleteWhere, updateWhere } from '../db/conditional-writes.ts'
import { type Database, transactional } from '../db/database.ts'
import { EventRow } from './event-row.ts'
import { EventTopic } from './event-topic.ts'

/** Rows deleted in one transaction. */
const ROWS_PER_DELETE = 2_000

/** The first sequence that stays: all before it are older. Sequences, not times, are what is dense. */
async function firstToKeep(
  database: Database,
  { topic, olderThan }: { topic: string; olderThan: Date },
): Promise<number> {
  const state = await database.acrossTenants().findOne(EventTopic, { topic })
  if (!state) return 0
  const young = await database
    .acrossTenants()
    .findOne(EventRow, { topic, at: { $gte: olderThan } }, { orderBy: { seq: 'asc' } })
  return young?.seq ?? state.lastSeq + 1
}

async function deleteBefore(database: Database, topic: string, keepFrom: number): Promise<number> {
  let deleted = 0
  for (;;) {
    const em = database.acrossTenants()
    const oldest = await em.findOne(EventRow, { topic }, { orderBy: { seq: 'asc' } })
    if (!oldest || oldest.seq >= keepFrom) return deleted
    const below = Math.min(keepFrom, oldest.seq + ROWS_PER_DELETE)
    deleted += await transactional(em, (tx) =>
      deleteWhere(tx, EventRow, { topic, seq: { $lt: below } }),
    )
  }
}

/**
 * Forgets the beginning of a topic's history, up to the first event at or after `olderThan`. The
 * promise goes first, the rows follow, so that a crash between them leaves nothing promised and gone.
 * @returns how many events were deleted
 */
export async function trimTopic(
  database: Database,
  { topic, olderThan }: { topic: string; olderThan: Date },
): Promise<number> {
  const keepFrom = await firstToKeep(database, { topic, olderThan })
  await transactional(database.acrossTenants(), (tx) =>
    updateWhere(tx, EventTopic, {
      where: { topic, firstSeq: { $lt: keepFrom } },
      set: { firstSeq: keepFrom },
    }),
  )
  return deleteBefore(database, topic, keepFrom)
}
