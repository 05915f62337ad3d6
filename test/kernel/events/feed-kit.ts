import { systemClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import type { CursorPosition } from '#kernel/events/cursor.ts'
import { createEvents, type Events, type EventsSettings } from '#kernel/events/events.ts'
import type { EventFront } from '#kernel/events/front.ts'
import type { LiveEvent, NewEvent } from '#kernel/events/stored-event.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { silentLog, type TestDatabase } from '../../kit/database.ts'

/** One process of a subgraph, as far as its feeds go. */
export type Process = {
  events: Events
  /** Publishes in a transaction of its own. */
  publish: (events: NewEvent | readonly NewEvent[]) => Promise<readonly LiveEvent[]>
  /** Publishes in a transaction that then fails. */
  publishInVain: (event: NewEvent) => Promise<void>
} & AsyncDisposable

const CHANGED_MIND = new Error('the transaction is rolled back')

/** The cursor of a place in a feed of these tests that is no tenant's. */
export const cursorOf = (topic: string, position: CursorPosition): string =>
  TEST_CURSORS.of({ topic, tenantId: null }).encode(position)

export function startProcess(
  database: TestDatabase,
  front: EventFront,
  settings: EventsSettings = {},
): Process {
  const events = createEvents({
    cursors: TEST_CURSORS,
    database,
    front,
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
    settings: { pollMilliseconds: 20, ...settings },
  })
  return {
    events,
    publish: async (some) => {
      const stored = await transactional(database.acrossTenants(), (tx) => events.publish(tx, some))
      return stored.map((event) => ({ ...event, cursor: cursorOf(event.topic, event) }))
    },
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
export async function take(stream: AsyncIterable<LiveEvent>, count: number) {
  const taken: LiveEvent[] = []
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

export const pricesOf = (events: readonly { payload: unknown }[]): unknown[] =>
  events.map(({ payload }) => (payload as { price: number }).price)

/** The code with which work is refused; null when it is not. */
export function codeOf(work: () => unknown): unknown {
  try {
    work()
    return null
  } catch (failure) {
    return (failure as { code?: unknown }).code
  }
}
