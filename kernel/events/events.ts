import type { Clock } from '../clock.ts'
import type { Database, SqlEntityManager } from '../db/database.ts'
import { afterCommit } from '../db/transaction-scope.ts'
import type { Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import type { Cursors } from './cursor.ts'
import { createEventTable, type EventTable } from './event-table.ts'
import { createFeeds, type Feeds } from './feeds.ts'
import type { EventFront } from './front.ts'
import { createEventWriter } from './publish.ts'
import { beginningOf, type Resume } from './resume.ts'
import { checkTopic, type NewEvent, type StateOf, type StoredEvent } from './stored-event.ts'
import { createSubscription, type EventStream, type Overflow } from './subscription.ts'
import { trimTopic } from './trim.ts'

export type EventsSettings = {
  /** How often the table is asked for what the front never announced. */
  pollMilliseconds?: number
  /** Events held in memory for one slow subscriber. */
  bufferLimit?: number
  /** Told when a slow subscriber's buffer was dropped; what was in it is read again from the table. */
  onOverflow?: (overflow: Overflow) => void
}

export type EventsDeps = {
  database: Database
  front: EventFront
  clock: Clock
  randomness: Randomness
  log: Logger
  cursors: Cursors
  settings?: EventsSettings
}

export type SubscribeOptions = {
  /** Where to go on: a cursor, the oldest event held, or (absent) what comes from now on. */
  after?: Resume | null | undefined
  /** Whose feed the topic is, the same for whoever reads it; absent where it is no tenant's. */
  tenantId?: string | null
  /** Ends the stream. */
  signal: AbortSignal
  /** Events it refuses are passed over. */
  filter?: (event: StoredEvent) => boolean
  /** Absent for what happens and is never passed over. */
  stateOf?: StateOf
}

export type Events = ReturnType<typeof createEvents>

type Running = {
  cursors: Cursors
  table: EventTable
  front: EventFront
  feeds: Feeds
  bufferLimit: number
  onOverflow: (overflow: Overflow) => void
}

/**
 * Tells the front what was committed. The poller delivers what it does not take, which is said once
 * for a row of failures: they come with every commit.
 */
function createAnnouncer({ front, log }: Pick<EventsDeps, 'front' | 'log'>) {
  let failures = 0
  return async (events: readonly StoredEvent[]): Promise<void> => {
    try {
      await front.announce(events)
      if (failures > 0) log.info({ failures }, 'committed events are announced again')
      failures = 0
    } catch (failure) {
      failures += 1
      const line = { err: failure, topic: events[0]?.topic }
      log[failures === 1 ? 'warn' : 'debug'](line, 'committed events wait for the poller')
    }
  }
}

/** Events directly after a place: from the front if it has them, else from the table. */
async function readAfter(
  { front, table }: Running,
  {
    topic,
    epoch,
    afterSeq,
    limit,
  }: Record<'topic' | 'epoch', string> & Record<'afterSeq' | 'limit', number>,
): Promise<readonly StoredEvent[]> {
  const recent = (await front.recent?.(topic, { afterSeq, limit })) ?? []
  if (recent[0]?.seq === afterSeq + 1 && recent[0].epoch === epoch) return recent
  return table.readAfter(topic, { epoch, afterSeq, limit })
}

async function openStream(
  running: Running,
  topic: string,
  { after, tenantId = null, signal, filter = () => true, stateOf = () => null }: SubscribeOptions,
): Promise<EventStream> {
  checkTopic(topic)
  const { feed, release } = await running.feeds.use(topic)
  try {
    const cursors = running.cursors.of({ topic, tenantId })
    const state = await running.table.readTopic(topic)
    const { bufferLimit, onOverflow } = running
    return createSubscription({
      ...beginningOf({ cursors, state }, after),
      feed,
      cursors,
      filter,
      stateOf,
      signal,
      bufferLimit,
      onOverflow,
      onEnd: release,
      readAfter: (seq, limit) =>
        readAfter(running, { topic, epoch: feed.epoch() ?? '', afterSeq: seq, limit }),
    })
  } catch (failure) {
    release()
    throw failure
  }
}

/** A stream that opens at once and tells of its failure at the first `next`. */
function openLazily(opening: Promise<EventStream>): EventStream {
  // Whoever never asks never learns; without this the process would.
  opening.catch(() => {})
  return {
    next: async () => (await opening).next(),
    return: async () => {
      const stream = await opening.catch(() => null)
      await stream?.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** The live feeds of one subgraph: written with the change, resumed from a cursor, without gap or double. */
export function createEvents(deps: EventsDeps) {
  const { database, front, log, cursors, settings = {} } = deps
  const { pollMilliseconds = 1_000, bufferLimit = 256, onOverflow = () => {} } = settings
  const table = createEventTable(database)
  const writeEvents = createEventWriter(deps)
  const feeds = createFeeds({ table, front, log, pollMilliseconds })
  const announce = createAnnouncer(deps)
  const running: Running = { cursors, table, front, feeds, bufferLimit, onOverflow }
  return {
    /**
     * Writes one event or several in the open transaction of `tx`; subscribers see them after its
     * commit. Publishers of one topic wait for each other until commit: publish last.
     * @throws EVENT_INVALID
     */
    publish: async (
      tx: SqlEntityManager,
      events: NewEvent | readonly NewEvent[],
    ): Promise<readonly StoredEvent[]> => {
      let stored: readonly StoredEvent[] = []
      afterCommit(() => announce(stored))
      stored = await writeEvents(tx, [events].flat())
      return stored
    },
    /**
     * Opens a stream; events committed after this resolves are in it.
     * @throws CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_EXPIRED; the stream itself EVENTS_MISSED
     */
    open: (topic: string, options: SubscribeOptions): Promise<EventStream> =>
      openStream(running, topic, options),
    /** As `open`, where no promise can be awaited: refusals come with the first `next`. */
    subscribe: (topic: string, options: SubscribeOptions): EventStream =>
      openLazily(openStream(running, topic, options)),
    /** Deletes the beginning of a topic's history. @returns how many events went */
    trim: (topic: string, olderThan: Date): Promise<number> =>
      trimTopic(database, { topic, olderThan }),
    /** Ends every stream, the polling and the front. */
    close: async (): Promise<void> => {
      await feeds.close()
      await front.close()
    },
  }
}
