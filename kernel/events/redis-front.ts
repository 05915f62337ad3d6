import type { RedisConfig } from '../config.ts'
import { newId, type Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import { connectRedis } from '../redis/connect-redis.ts'
import { eventsError } from './errors.ts'
import type { EventFront } from './front.ts'
import { createRingFront } from './ring-front.ts'
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

/** Entries that a stream keeps, about: what a reader may be behind before the table serves it. */
const STREAM_ENTRIES = 10_000

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
  const reader = createStreamReader({ connection, key, own, take: ring.announce, log })

  const append = (text: string) =>
    writer.redis.xadd(key, 'MAXLEN', '~', STREAM_ENTRIES, '*', 'by', own, 'events', text)

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
    ...(ring.recent ? { recent: ring.recent } : {}),
    isConnected: () => writer.isConnected() && connection.isConnected(),
    close: async () => {
      await Promise.all([reader.close(), writer.close()])
      await ring.close()
    },
  }
}
