import type { RedisConfig } from '../config.ts'
import { newId, type Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import { connectRedis, type RedisConnection } from '../redis/connect-redis.ts'
import { eventsError } from './errors.ts'
import type { EventFront } from './front.ts'
import { createRingFront } from './ring-front.ts'
import type { StoredEvent } from './stored-event.ts'
import { packEvents } from './stream-entry.ts'
import { BLOCK_MS, createStreamReader } from './stream-reader.ts'

export type RedisFrontDeps = {
  redis: RedisConfig
  /** Whose events: the processes of one subgraph share a stream. */
  subgraph: string
  log: Logger
  randomness: Randomness
}

export type RedisFront = EventFront & {
  /** False while events reach other processes by their pollers alone, a second late at most. */
  isConnected: () => boolean
}

const PROBE_MS = 1_000
/** Entries that a stream keeps, about: what a reader may be behind before the table serves it. */
const STREAM_ENTRIES = 10_000

/** Whether what is written arrives: a Redis that is full refuses it on a connection that is well. */
function createWriting({ redis, isConnected }: RedisConnection, probeKey: string) {
  let isRefused = false
  let isTrying = false
  const watched = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      const result = await work
      isRefused = false
      return result
    } catch (failure) {
      isRefused = true
      throw failure
    }
  }
  /** Whoever looks has it tried again: else it would seem refused until the next event. */
  const tryAgain = () => {
    if (isTrying) return
    isTrying = true
    watched(redis.set(probeKey, '', 'PX', PROBE_MS))
      // Refused still; what is wrong was told when an event was.
      .catch(() => undefined)
      .finally(() => {
        isTrying = false
      })
  }
  return {
    watched,
    isGoingWell: (): boolean => {
      if (!isConnected()) return false
      if (isRefused) tryAgain()
      return !isRefused
    },
  }
}

/**
 * The front of all processes of a subgraph: listeners of this one are called directly, the others by
 * a stream in Redis. Without Redis the pollers serve the others (docs/adr/0019).
 */
export function createRedisFront({ redis, subgraph, log, randomness }: RedisFrontDeps): RedisFront {
  const ring = createRingFront()
  const key = `events:${subgraph}`
  const own = newId(randomness)
  const connect = (role: string, blocksForMs: number) =>
    connectRedis({ config: redis, name: `events-${subgraph}-${role}`, log, blocksForMs })
  const writer = connect('writer', 0)
  const connection = connect('reader', BLOCK_MS)
  // What others tell of topics that nobody here follows would fill the memory; the table has it.
  const take = (events: readonly StoredEvent[]) =>
    ring.announce(events.filter(({ topic }) => ring.isListenedTo(topic)))
  const reader = createStreamReader({ connection, key, own, take, log })

  const writing = createWriting(writer, `${key}:probe`)
  const append = (text: string) =>
    writing.watched(
      writer.redis.xadd(key, 'MAXLEN', '~', STREAM_ENTRIES, '*', 'by', own, 'events', text),
    )

  return {
    announce: async (events) => {
      await ring.announce(events)
      try {
        await Promise.all(packEvents(events).map(append))
      } catch (cause) {
        throw eventsError('EVENTS_NOT_ANNOUNCED', {}, { cause })
      }
    },
    listen: async (topic, listener) => {
      const stop = await ring.listen(topic, listener)
      await reader.placed
      return stop
    },
    recent: ring.recent,
    isConnected: () => writing.isGoingWell() && connection.isConnected(),
    close: async () => {
      await Promise.all([reader.close(), writer.close()])
      await ring.close()
    },
  }
}
