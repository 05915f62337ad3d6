import { systemClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { createEvents, type Events, type EventsSettings } from '#kernel/events/events.ts'
import type { EventFront } from '#kernel/events/front.ts'
import type { NewEvent, StoredEvent } from '#kernel/events/stored-event.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { silentLog, type TestDatabase } from '../../kit/database.ts'

/** One process of a subgraph, as far as its feeds go. */
export type Process = {
  events: Events
  /** Publishes in a transaction of its own. */
  publish: (events: NewEvent | readonly NewEvent[]) => Promise<readonly StoredEvent[]>
  /** Publishes in a transaction that then fails. */
  publishInVain: (event: NewEvent) => Promise<void>
} & AsyncDisposable

const CHANGED_MIND = new Error('the transaction is rolled back')

export function startProcess(
  database: TestDatabase,
  front: EventFront,
  settings: EventsSettings = {},
): Process {
  const events = createEvents({
    database,
    front,
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
    settings: { pollMilliseconds: 20, ...settings },
  })
  return {
    events,
    publish: (some) => transactional(database.acrossTenants(), (tx) => events.publish(tx, some)),
    publishInVain: async (event) => {
      const work = transactional(database.acrossTenants(), async (tx) => {
        await events.publish(tx, event)
        throw CHANGED_MIND
      })
      await work.catch((failure: unknown) => {
        if (failure !== CHANGED_MIND) throw failure
      })
    },
    [Symbol.asyncDispose]: () => events.close(),
  }
}

/** The next `count` events of a stream; waits for them. */
export async function take(stream: AsyncIterable<StoredEvent>, count: number) {
  const taken: StoredEvent[] = []
  if (count === 0) return taken
  for await (const event of stream) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

/** A price moved: the event that these tests publish. */
export const moved = (topic: string, price: number): NewEvent => ({
  topic,
  type: 'price-moved',
  payload: { price },
})

export const pricesOf = (events: readonly StoredEvent[]): unknown[] =>
  events.map(({ payload }) => (payload as { price: number }).price)
