import type { Clock } from '../clock.ts'
import { flushUnlessTaken, updateWhere } from '../db/conditional-writes.ts'
import type { SqlEntityManager } from '../db/database.ts'
import { newId, type Randomness } from '../ids.ts'
import { EventRow } from './event-row.ts'
import { toStoredEvent } from './event-table.ts'
import { EventTopic } from './event-topic.ts'
import { type NewEvent, normaliseEvent, type StoredEvent } from './stored-event.ts'

type Deps = { clock: Clock; randomness: Randomness }

/** In the caller's transaction, but with nothing of the caller's pending changes. */
const besides = (tx: SqlEntityManager) => tx.fork({ keepTransactionContext: true })

async function openTopic(tx: SqlEntityManager, topic: string, epoch: string): Promise<void> {
  const own = besides(tx)
  own.persist(own.create(EventTopic, { topic, epoch, lastSeq: 0, firstSeq: 1 }))
  // False: another publisher opened it meanwhile, which is as good.
  await flushUnlessTaken(own)
}

/**
 * The next `count` sequences of a topic. The update locks the topic's row until commit: the next
 * publisher waits, so sequences follow commits, and a rollback gives them back.
 */
async function takeSequences(
  tx: SqlEntityManager,
  { topic, count, newEpoch }: { topic: string; count: number; newEpoch: () => string },
): Promise<{ epoch: string; firstSeq: number }> {
  const own = besides(tx)
  const take = () => updateWhere(own, EventTopic, { where: { topic }, add: { lastSeq: count } })
  if ((await take()) === 0) {
    await openTopic(tx, topic, newEpoch())
    await take()
  }
  const state = await own.findOneOrFail(EventTopic, { topic })
  return { epoch: state.epoch, firstSeq: state.lastSeq - count + 1 }
}

/** Writes events in the caller's transaction. @returns them as subscribers will see them */
export async function writeEvents(
  tx: SqlEntityManager,
  events: readonly NewEvent[],
  { clock, randomness }: Deps,
): Promise<StoredEvent[]> {
  const byTopic = Map.groupBy(events.map(normaliseEvent), (event) => event.topic)
  const at = clock.now()
  const stored: StoredEvent[] = []
  // By name, so that two publishers of the same topics lock them in one order.
  for (const topic of [...byTopic.keys()].sort()) {
    const ofTopic = byTopic.get(topic) ?? []
    const newEpoch = () => newId(randomness)
    const { epoch, firstSeq } = await takeSequences(tx, { topic, count: ofTopic.length, newEpoch })
    const rows = ofTopic.map((event, index) => ({ ...event, seq: firstSeq + index, at }))
    const own = besides(tx)
    for (const row of rows) own.persist(own.create(EventRow, row))
    await own.flush()
    stored.push(...rows.map((row) => toStoredEvent(row, epoch)))
  }
  return stored
}
