import type { Clock } from '#kernel/clock.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import type { Database } from '#kernel/db/database.ts'
import { newId, type Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { FeedRun, type FeedStatus } from '../entities/feed-run.ts'
import { analyticsError } from '../errors.ts'
import type { Sleep } from './feeds/sleep.ts'

export type FeedLeaseDeps = {
  database: Database
  clock: Clock
  randomness: Randomness
  sleep: Sleep
  log: Logger
}

/** The right to take a run in, alone, as long as it is renewed. */
export type FeedLease = {
  /** As the run stands since nobody else moves it. */
  run: FeedRun
  /** Ends when the process stops, and with FEED_TAKEN when the lease is lost or the feed paused. */
  signal: AbortSignal
  /** Lets the next process begin; with a status, says how it ended. */
  release: (status: FeedStatus | null) => Promise<void>
}

/** After so long without a sign of life of its process a run is taken over, milliseconds. */
export const FEED_LEASE_MS = 15_000
const RENEW_MS = FEED_LEASE_MS / 3

export type FeedLeases = ReturnType<typeof createFeedLeases>

/** A provider is asked, and a file told, by one process at a time; the position is what nothing passes twice. */
export function createFeedLeases({ database, clock, randomness, sleep, log }: FeedLeaseDeps) {
  // On SQLite one process alone runs: a lease that stands is of one that was killed, and keeps nobody waiting.
  const isAlone = database.engine === 'sqlite'
  const untilOf = () => new Date(clock.now().getTime() + FEED_LEASE_MS)
  const change = (where: object, set: Partial<FeedRun>) =>
    updateWhere(database.acrossTenants(), FeedRun, { where, set })

  /** Renews until it is let go or lost; a database that is away takes it from nobody before its time. */
  const keep = async (held: { id: string; leaseOwner: string }, ending: AbortController) => {
    let until = untilOf()
    while (!ending.signal.aborted) {
      await sleep(RENEW_MS, ending.signal)
      if (ending.signal.aborted) return
      const next = untilOf()
      try {
        if ((await change({ ...held, isPaused: false }, { leaseUntil: next })) === 1) until = next
        else ending.abort(analyticsError('FEED_TAKEN'))
      } catch (failure) {
        log.warn({ err: failure, run: held.id }, 'the lease of an odds feed was not renewed')
        if (clock.now() >= until) ending.abort(analyticsError('FEED_TAKEN'))
      }
    }
  }

  return {
    /** @returns null when another process has it, or the feed is paused */
    take: async (id: string, stopping: AbortSignal): Promise<FeedLease | null> => {
      const held = { id, leaseOwner: newId(randomness) }
      const isOver = { $or: [{ leaseUntil: null }, { leaseUntil: { $lte: clock.now() } }] }
      const where = { id, isPaused: false, ...(!isAlone && isOver) }
      const lease = { leaseOwner: held.leaseOwner, leaseUntil: untilOf() }
      if ((await change(where, lease)) === 0) return null
      const run = await database.acrossTenants().findOneOrFail(FeedRun, { id })
      const ending = new AbortController()
      const keeping = keep(held, ending)
      return {
        run,
        signal: AbortSignal.any([stopping, ending.signal]),
        release: async (status) => {
          ending.abort()
          await keeping
          await change(held, { leaseOwner: null, leaseUntil: null, ...(status && { status }) })
        },
      }
    },
  }
}
