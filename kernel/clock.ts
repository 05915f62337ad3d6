/** Where every "now" of the platform comes from, so that tests own time. */
export type Clock = { now: () => Date }

export const systemClock: Clock = { now: () => new Date() }

export type ManualClock = Clock & {
  /** Moves time forward (or, for skew tests, backward) by milliseconds. */
  advance: (milliseconds: number) => void
  set: (instant: Date) => void
}

/** A clock that stands still until it is moved. */
export function createManualClock(start: Date): ManualClock {
  let current = start.getTime()
  return {
    now: () => new Date(current),
    advance: (milliseconds) => {
      current += milliseconds
    },
    set: (instant) => {
      current = instant.getTime()
    },
  }
}
