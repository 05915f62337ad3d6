import { type Clock, systemClock } from '../clock.ts'
import { createLoop } from '../jobs/loop.ts'
import type { Logger } from '../log.ts'
import type { Database } from './database.ts'

export type DatabaseClockDeps = {
  database: Database
  log: Logger
  /** The machine's own clock. */
  base?: Clock
  refreshMilliseconds?: number
}

/** A clock that several processes on one database agree on. */
export type DatabaseClock = Clock & {
  /** How far ahead of the machine's clock it is; 0 on SQLite. */
  offsetMs: () => number
  /** Resolves after the first look at the database; a look that fails is logged, and the next one comes. */
  start: () => Promise<void>
  close: () => Promise<void>
}

const REFRESH_MILLISECONDS = 60_000
const UNKNOWN_MS = 1_000
/** Machines in step differ by less, and a clock is not moved for so little. */
const TOLERANCE_MS = 1_000
/** Of so many looks the quickest counts: it is the most exact. */
const LOOKS = 3

type Look = { offsetMs: number; tookMs: number }

/** The server's time against the machine's in the middle of the question. */
async function look(database: Database, base: Clock): Promise<Look> {
  const begun = performance.now()
  const [row] = await database.orm.em
    .getConnection()
    .execute<{ now: string }[]>('select utc_timestamp(3) as now')
  const tookMs = performance.now() - begun
  const server = Date.parse(`${String(row?.now).replace(' ', 'T')}Z`)
  return { offsetMs: Math.round(server - (base.now().getTime() - tookMs / 2)), tookMs }
}

/**
 * A clock that follows the database server's: leases and expiries of processes whose machines differ
 * by minutes agree. It is moved only by what exceeds a second, so it never goes back for noise; on
 * SQLite it is the machine's own.
 */
export function createDatabaseClock(deps: DatabaseClockDeps): DatabaseClock {
  const { database, log, base = systemClock } = deps
  let offsetMs = 0
  let isKnown = false
  const follow = async () => {
    const looks: Look[] = []
    while (looks.length < LOOKS) looks.push(await look(database, base))
    const [best] = looks.toSorted((left, right) => left.tookMs - right.tookMs)
    // A look that took so long could be wrong by half of it.
    if (!best || best.tookMs > TOLERANCE_MS) {
      log.warn({ milliseconds: best?.tookMs }, 'the database told its time too slowly')
      return
    }
    isKnown = true
    if (Math.abs(best.offsetMs - offsetMs) <= TOLERANCE_MS) return
    log.warn({ from: offsetMs, to: best.offsetMs }, 'the clock follows the database: offset in ms')
    offsetMs = best.offsetMs
  }
  const loop = createLoop({
    name: 'database-clock',
    // Until it is known the machine's own clock counts, which may be minutes off.
    round: () =>
      follow().finally(() => {
        if (!isKnown) setTimeout(loop.wake, UNKNOWN_MS).unref()
      }),
    pauseMilliseconds: deps.refreshMilliseconds ?? REFRESH_MILLISECONDS,
    log,
  })
  const isServer = database.engine !== 'sqlite'
  return {
    now: () => (offsetMs === 0 ? base.now() : new Date(base.now().getTime() + offsetMs)),
    offsetMs: () => offsetMs,
    start: async () => {
      if (!isServer) return
      await follow().catch((err: unknown) => log.warn({ err }, 'the database told no time'))
      loop.start()
    },
    close: () => loop.stop(),
  }
}
