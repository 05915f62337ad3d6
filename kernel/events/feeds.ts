import { createLoop } from '../jobs/loop.ts'
import type { Logger } from '../log.ts'
import { eventsError } from './errors.ts'
import type { EventTable } from './event-table.ts'
import type { EventFront } from './front.ts'
import { openTopicFeed, type TopicFeed } from './topic-feed.ts'

export type FeedsDeps = {
  table: EventTable
  front: EventFront
  log: Logger
  /** How often the table is asked for what the front never announced. */
  pollMilliseconds: number
}

type Entry = { opening: Promise<TopicFeed>; feed: TopicFeed | null; users: number }

/** The use of one topic's feed; the feed goes when its last use is released. */
export type FeedUse = { feed: TopicFeed; release: () => void }

export type Feeds = ReturnType<typeof createFeeds>

/** The topics that somebody in this process follows, each joined once and all polled together. */
export function createFeeds({ table, front, log, pollMilliseconds }: FeedsDeps) {
  const entries = new Map<string, Entry>()
  const closing = new Set<Promise<void>>()
  let isClosed = false

  const poll = async () => {
    if (entries.size === 0) return
    for (const state of await table.readTopics([...entries.keys()])) {
      entries.get(state.topic)?.feed?.lookAgain(state)
    }
  }
  const poller = createLoop({
    name: 'events',
    round: poll,
    pauseMilliseconds: pollMilliseconds,
    log,
  })

  const open = (topic: string): Entry => {
    const entry: Entry = {
      opening: openTopicFeed({ topic, table, front, log }),
      feed: null,
      users: 0,
    }
    entries.set(topic, entry)
    return entry
  }
  const release = (topic: string, entry: Entry) => {
    entry.users -= 1
    if (entry.users > 0) return
    if (entries.get(topic) === entry) entries.delete(topic)
    const closed = entry.feed?.close().finally(() => closing.delete(closed as Promise<void>))
    if (closed) closing.add(closed)
  }

  return {
    /** Joins a topic, or shares what has joined it already. @throws EVENTS_CLOSED */
    use: async (topic: string): Promise<FeedUse> => {
      if (isClosed) throw eventsError('EVENTS_CLOSED')
      poller.start()
      const entry = entries.get(topic) ?? open(topic)
      entry.users += 1
      try {
        entry.feed = await entry.opening
      } catch (failure) {
        release(topic, entry)
        throw failure
      }
      return { feed: entry.feed, release: () => release(topic, entry) }
    },
    /** Ends every feed; subscribers see the end of their streams. */
    close: async (): Promise<void> => {
      isClosed = true
      await poller.stop()
      const opening = await Promise.allSettled([...entries.values()].map((entry) => entry.opening))
      entries.clear()
      for (const one of opening) if (one.status === 'fulfilled') await one.value.close()
      await Promise.all(closing)
    },
  }
}
