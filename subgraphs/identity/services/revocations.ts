import type { Clock } from '#kernel/clock.ts'
import type { Database } from '#kernel/db/database.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import type { Events } from '#kernel/events/events.ts'

/** One thing that is no longer to be believed. `user`: every token issued before `at`. */
export type Revocation = { kind: 'session' | 'user' | 'key' | 'token'; id: string; at: string }

export const REVOCATIONS_TOPIC = 'revocations'

/**
 * A token lives five minutes by the clock of who made it. Two minutes more cover a gateway whose clock
 * is behind that, and two a revocation written by a clock that is behind the reader's.
 */
export const REMEMBERED_MILLISECONDS = 540_000
const HEARTBEAT_MILLISECONDS = 5_000
const HEARTBEAT = ': alive\n\n'

const toMessage = (event: string, body: unknown) =>
  `event: ${event}\ndata: ${JSON.stringify(body)}\n\n`

export type Revocations = ReturnType<typeof createRevocations>

/** What was revoked lately, and what will be. */
export function createRevocations({
  database,
  events,
  clock,
}: {
  database: Database
  events: Events
  clock: Clock
}) {
  const recent = async (): Promise<Revocation[]> => {
    const since = new Date(clock.now().getTime() - REMEMBERED_MILLISECONDS)
    const rows = await database
      .acrossTenants()
      .find(
        EventRow,
        { topic: REVOCATIONS_TOPIC, at: { $gt: since } },
        { orderBy: { seq: 'asc' }, disableIdentityMap: true },
      )
    return rows.map(({ payload }) => payload as Revocation)
  }
  return {
    recent,
    /**
     * Lines of an event stream: a `snapshot` of what is young enough to matter, then each
     * `revoked` as it happens, and a comment every five seconds.
     */
    follow: async function* (signal: AbortSignal): AsyncGenerator<string> {
      // Opened before the snapshot is read: what happens between is told twice rather than never.
      const stream = await events.open(REVOCATIONS_TOPIC, { signal })
      try {
        yield toMessage('snapshot', { revocations: await recent() })
        yield* withHeartbeat(stream, signal)
      } finally {
        await stream.return?.()
      }
    },
  }
}

async function* withHeartbeat(
  stream: AsyncIterator<{ payload: unknown }>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let next = stream.next()
  while (!signal.aborted) {
    const arrived = await within(next, HEARTBEAT_MILLISECONDS)
    if (arrived === null) {
      yield HEARTBEAT
      continue
    }
    if (arrived.done) return
    yield toMessage('revoked', arrived.value.payload)
    next = stream.next()
  }
}

/** What a promise brings, or null when it brings nothing in time. */
async function within<Result>(
  promise: Promise<Result>,
  milliseconds: number,
): Promise<Result | null> {
  const tooLate = Promise.withResolvers<null>()
  const timer = setTimeout(() => tooLate.resolve(null), milliseconds)
  try {
    return await Promise.race([promise, tooLate.promise])
  } finally {
    clearTimeout(timer)
  }
}
