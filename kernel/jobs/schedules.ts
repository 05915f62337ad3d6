import { Cron } from 'croner'
import type { Clock } from '../clock.ts'
import { jobsError } from './errors.ts'

export type Schedule = {
  /** Names the schedule in the jobs' unique keys: never change it, never reuse it. */
  name: string
  /** Five or six fields, as croner reads them. */
  cron: string
  /** IANA name, such as `Europe/London`. */
  timezone: string
  kind: string
  payload?: unknown
}

export type Tick = { schedule: Schedule; at: Date; uniqueKey: string }

/** A tick missed by less than this, while the process was down, is made up for. */
const CATCH_UP_MILLISECONDS = 15 * 60_000

function parse({ name, cron, timezone }: Schedule): Cron {
  try {
    const pattern = new Cron(cron, { timezone, paused: true })
    pattern.nextRun()
    return pattern
  } catch (cause) {
    throw jobsError('JOB_SCHEDULE_INVALID', { name }, { cause })
  }
}

/**
 * Says which ticks are due. Every process says the same of one tick, and its unique key lets one of
 * them enqueue it. Of several missed ticks only the newest counts. @throws JOB_SCHEDULE_INVALID
 */
export function createTicker(schedules: readonly Schedule[], clock: Clock) {
  const rows = schedules.map((schedule) => ({ schedule, pattern: parse(schedule), lastAt: 0 }))
  return {
    due: (): Tick[] => {
      const now = clock.now()
      return rows.flatMap(({ schedule, pattern, lastAt }) => {
        // The previous run before the next millisecond: a tick is due in its own instant.
        const [at] = pattern.previousRuns(1, new Date(now.getTime() + 1))
        if (!at || at.getTime() <= lastAt) return []
        if (now.getTime() - at.getTime() > CATCH_UP_MILLISECONDS) return []
        return [{ schedule, at, uniqueKey: `schedule:${schedule.name}:${at.toISOString()}` }]
      })
    },
    /** The tick stands in the table; it is not due again. */
    settle: (tick: Tick): void => {
      const row = rows.find(({ schedule }) => schedule === tick.schedule)
      if (row) row.lastAt = tick.at.getTime()
    },
  }
}
