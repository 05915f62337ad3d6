import type { Logger } from '../log.ts'
import { eventsError } from './errors.ts'
import { createEventOrder, type EventOrder } from './event-order.ts'
import type { EventTable, TopicState } from './event-table.ts'
import type { EventFront } from './front.ts'
import type { StoredEvent } from './stored-event.ts'

export type FeedListener = {
  /** Called with each event once, by ascending sequence; a hole in them is the listener's to judge. */
  push: (event: StoredEvent) => void
  /** The head moved without an event; the table knows why. */
  look: () => void
  end: (failure: Error | null) => void
}

export type TopicFeedDeps = { topic: string; table: EventTable; front: EventFront; log: Logger }

/**
 * One topic in this process, however many subscribe: its announcements in order, its holes closed
 * from the table once for all.
 */
export type TopicFeed = {
  readonly topic: string
  /** Sequence of the newest event delivered to listeners. */
  head: () => number
  epoch: () => string | null
  attach: (listener: FeedListener) => () => void
  /** What the table says now; the poller's word. */
  lookAgain: (state: TopicState) => void
  /** Ends every listener and waits for what is under way. */
  close: () => Promise<void>
}

/** How long an event that overtook another waits for it before the table is asked, milliseconds. */
const OVERTAKEN_GRACE_MILLISECONDS = 10
const PAGE_SIZE = 500

/** Reads what the order lacks until it lacks nothing; one reading at a time. */
function createHoleFiller(order: EventOrder, { topic, table, log }: TopicFeedDeps) {
  let isClosed = false
  let filling: Promise<void> | null = null
  let grace: NodeJS.Timeout | undefined
  const run = async () => {
    while (order.hasHole() && !isClosed) {
      const place = { epoch: order.epoch() ?? '', afterSeq: order.head(), limit: PAGE_SIZE }
      order.fill(await table.readAfter(topic, place))
    }
  }
  const fill = (): void => {
    clearTimeout(grace)
    grace = undefined
    filling ??= run()
      // The poller asks again, and subscribers that read for themselves meet the failure.
      .catch((failure: unknown) => log.warn({ err: failure, topic }, 'a feed waits for its table'))
      .finally(() => {
        filling = null
      })
  }
  return {
    fill,
    fillSoon: (): void => {
      if (order.hasHole()) grace ??= setTimeout(fill, OVERTAKEN_GRACE_MILLISECONDS)
    },
    close: async (): Promise<void> => {
      isClosed = true
      clearTimeout(grace)
      await filling
    },
  }
}

function createListeners(topic: string) {
  const listeners = new Set<FeedListener>()
  const tell = (say: (listener: FeedListener) => void) => [...listeners].forEach(say)
  return {
    attach: (listener: FeedListener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    deliver: (event: StoredEvent) => tell((listener) => listener.push(event)),
    look: () => tell((listener) => listener.look()),
    restart: () => tell((listener) => listener.end(eventsError('EVENTS_MISSED', { topic }))),
    end: () => tell((listener) => listener.end(null)),
  }
}

/** Joins a topic: first the front, then the table's word on where it stands. */
export async function openTopicFeed(deps: TopicFeedDeps): Promise<TopicFeed> {
  const { topic, table, front } = deps
  const listeners = createListeners(topic)
  const order = createEventOrder(listeners)
  const filler = createHoleFiller(order, deps)
  const stopListening = await front.listen(topic, (events) => {
    order.accept(events)
    filler.fillSoon()
  })
  const state = await table.readTopic(topic).catch((failure: unknown) => {
    stopListening()
    throw failure
  })
  order.begin(state)
  filler.fillSoon()
  return {
    topic,
    head: order.head,
    epoch: order.epoch,
    attach: listeners.attach,
    lookAgain: (now) => {
      order.expect(now)
      filler.fill()
    },
    close: async () => {
      stopListening()
      listeners.end()
      await filler.close()
    },
  }
}
