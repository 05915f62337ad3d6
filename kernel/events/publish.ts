import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'
import { flushUnlessTaken, updateWhere } from '../db/conditional-writes.ts'
import type { SqlEntityManager } from '../db/database.ts'
import { forkInside } from '../db/fork-inside.ts'
import { afterCommit } from '../db/transaction-scope.ts'
import { newId, type Randomness } from '../ids.ts'
import { EventRow } from './event-row.ts'
import { toStoredEvent } from './event-table.ts'
import { EventTopic } from './event-topic.ts'
import { type NewEvent, normaliseEvent, type StoredEvent } from './stored-event.ts'

type Deps = { clock: Clock; randomness: Randomness }

/** Topics whose newest sequence this process remembers; forgetting one costs queries. */
const KNOWN_TOPICS = 10_000

/** A topic as it stood after a commit of this process. */
type Place = Pick<EventTopic, 'epoch' | 'lastSeq'>

async function openTopic(tx: SqlEntityManager, topic: string, epoch: string): Promise<void> {
  const own = forkInside(tx)
  if (await own.findOne(EventTopic, { topic })) return
  own.persist(own.create(EventTopic, { topic, epoch, lastSeq: 0, firstSeq: 1 }))
  // False: another publisher opened it meanwhile, which is as good.
  await flushUnlessTaken(own)
}

/** Moves the topic on if it still stands where it was seen: then one statement tells all. */
async function takeAfter(
  own: SqlEntityManager,
  { topic, seen, count }: { topic: string; seen: Place; count: number },
): Promise<Place | null> {
  const where = { topic, ...seen }
  const taken = await updateWhere(own, EventTopic, { where, add: { lastSeq: count } })
  return taken === 0 ? null : { ...seen, lastSeq: seen.lastSeq + count }
}

/** Moves the topic on from wherever it stands; opens it where it is new. */
async function takeNext(
  own: SqlEntityManager,
  { topic, isKnown, count }: { topic: string; isKnown: boolean; count: number },
  newEpoch: () => string,
): Promise<Place> {
  const take = () => updateWhere(own, EventTopic, { where: { topic }, add: { lastSeq: count } })
  // Not by trying the update first: where no row is, it would lock the whole gap on InnoDB.
  if (!isKnown) await openTopic(own, topic, newEpoch())
  if ((await take()) === 0) {
    // It stood once and is gone.
    await openTopic(own, topic, newEpoch())
    await take()
  }
  const { epoch, lastSeq } = await own.findOneOrFail(EventTopic, { topic })
  return { epoch, lastSeq }
}

/**
 * Gives out the next `count` sequences of a topic. The update locks the topic's row until commit:
 * the next publisher waits, so sequences follow commits, and a rollback gives them back.
 */
function createSequences({ randomness }: Deps) {
  const known = new LRUCache<string, Place>({ max: KNOWN_TOPICS })
  return async (tx: SqlEntityManager, topic: string, count: number) => {
    const own = forkInside(tx)
    const seen = known.get(topic)
    const place =
      (seen && (await takeAfter(own, { topic, seen, count }))) ??
      (await takeNext(own, { topic, isKnown: seen !== undefined, count }, () => newId(randomness)))
    // What was rolled back was never so.
    afterCommit(() => void known.set(topic, place))
    return { epoch: place.epoch, firstSeq: place.lastSeq - count + 1 }
  }
}

export type EventWriter = ReturnType<typeof createEventWriter>

/** Writes events in the caller's transaction and answers them as subscribers will see them. */
export function createEventWriter(deps: Deps) {
  const takeSequences = createSequences(deps)
  return async (tx: SqlEntityManager, events: readonly NewEvent[]): Promise<StoredEvent[]> => {
    const byTopic = Map.groupBy(events.map(normaliseEvent), (event) => event.topic)
    const at = deps.clock.now()
    const stored: StoredEvent[] = []
    // By name, so that two publishers of the same topics lock them in one order.
    for (const topic of [...byTopic.keys()].sort()) {
      const ofTopic = byTopic.get(topic) ?? []
      const { epoch, firstSeq } = await takeSequences(tx, topic, ofTopic.length)
      const rows = ofTopic.map((event, index) => ({ ...event, seq: firstSeq + index, at }))
      const own = forkInside(tx)
      for (const row of rows) own.persist(own.create(EventRow, row))
      await own.flush()
      stored.push(...rows.map((row) => toStoredEvent(row, epoch)))
    }
    return stored
  }
}
