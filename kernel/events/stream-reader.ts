import type { Logger } from '../log.ts'
import type { RedisConnection } from '../redis/connect-redis.ts'
import { pause } from '../time-limit.ts'
import type { StoredEvent } from './stored-event.ts'
import { unpackEvents } from './stream-entry.ts'

export type StreamReaderDeps = {
  /** Its own: a blocked reader keeps every other command waiting. */
  connection: RedisConnection
  key: string
  /** Entries of this writer are passed over. */
  own: string
  /** Takes the events of one entry. */
  take: (events: readonly StoredEvent[]) => Promise<void>
  log: Logger
}

export type StreamReader = {
  /** Resolves when entries begin to arrive, or Redis turned out not to be there. */
  placed: Promise<void>
  close: () => Promise<void>
}

/** How long a read waits for news, milliseconds; then the reader looks whether its place still exists. */
export const BLOCK_MS = 1_000
const ENTRIES_PER_READ = 32
const RETRY_MS = 100

const BEFORE_ALL = '0-0'

/** True when entry `id` was given out before `other` in the life of one stream. */
function isBefore(id: string, other: string): boolean {
  const [time = 0n, count = 0n] = id.split('-').map(BigInt)
  const [otherTime = 0n, otherCount = 0n] = other.split('-').map(BigInt)
  return time === otherTime ? count < otherCount : time < otherTime
}

type Entry = readonly [id: string, fields: readonly string[]]

/** What an entry says under `name`; its fields and values stand by turns. */
function fieldOf([, fields]: Entry, name: string): string | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === name)
  return at < 0 ? undefined : fields[at + 1]
}

/** Hands on what entries hold; what is not ours is outside data, logged and passed over. */
async function takeEntries(
  entries: readonly Entry[],
  { key, own, take, log }: StreamReaderDeps,
): Promise<void> {
  const unreadable: string[] = []
  for (const entry of entries) {
    if (fieldOf(entry, 'by') === own) continue
    const events = unpackEvents(fieldOf(entry, 'events'))
    if (events) await take(events)
    else unreadable.push(entry[0])
  }
  if (unreadable.length > 0) {
    log.warn({ stream: key, entries: unreadable }, 'entries of a stream were passed over')
  }
}

/**
 * The reader's place in the stream: the end of it at first. A stream that was emptied or came back
 * older answers a place beyond its end with silence, so after silence or a failure the two are
 * compared; what stood between them is read from the table.
 */
function createPlace({ connection: { redis }, key, log }: StreamReaderDeps) {
  let place: string | null = null
  const readEnd = async () => (await redis.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0]
  return {
    check: async (): Promise<void> => {
      const end = (await readEnd()) ?? BEFORE_ALL
      if (place !== null && !isBefore(end, place)) return
      if (place !== null) log.warn({ stream: key, place, end }, 'a stream began anew')
      place = end
    },
    readAfter: async (): Promise<readonly Entry[]> => {
      const wait = ['BLOCK', BLOCK_MS, 'STREAMS', key] as const
      const answer = await redis.xread('COUNT', ENTRIES_PER_READ, ...wait, place ?? BEFORE_ALL)
      const entries = answer?.[0]?.[1] ?? []
      place = entries.at(-1)?.[0] ?? place
      return entries
    },
  }
}

/** Follows one stream from its present end on, for ever, over whatever becomes of Redis. */
export function createStreamReader(deps: StreamReaderDeps): StreamReader {
  const { connection, key, log } = deps
  const place = createPlace(deps)
  let isClosing = false
  let isUnsure = true
  let isFailing = false

  const round = async () => {
    if (isUnsure) await place.check()
    resolvePlaced()
    const entries = await place.readAfter()
    isUnsure = entries.length === 0
    isFailing = false
    await takeEntries(entries, deps)
  }
  const fail = async (failure: unknown) => {
    isUnsure = true
    resolvePlaced()
    // What the connection suffers, it tells itself.
    if (connection.isConnected() && !isFailing) {
      log.error({ err: failure, stream: key }, 'a stream is not read')
      isFailing = true
    }
    await pause(RETRY_MS)
  }
  const { promise: placed, resolve: resolvePlaced } = Promise.withResolvers<void>()
  const run = async () => {
    await connection.tried
    while (!isClosing) await round().catch((failure) => (isClosing ? undefined : fail(failure)))
  }
  const running = run()
  return {
    placed,
    close: async () => {
      isClosing = true
      await connection.close()
      await running
    },
  }
}
