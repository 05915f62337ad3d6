import type { Logger } from '../log.ts'

/** What runs in a service, and how it comes to its end. */
export type InFlight = {
  /** Counts work until it has ended. */
  track: <T>(work: Promise<T>) => Promise<T>
  /** Ends when the drain begins. */
  draining: AbortSignal
  /**
   * Resolves when what is counted has ended, or the time is over. There is one drain: who asks for a
   * further one waits for the first.
   */
  drain: (withinMs: number) => Promise<void>
}

/** Counts running work, so that a drain can wait for it. */
function createCount() {
  let running = 0
  let wake: (() => void) | null = null
  const leave = () => {
    running--
    if (running === 0) wake?.()
  }
  return {
    track: <T>(work: Promise<T>): Promise<T> => {
      running++
      return work.finally(leave)
    },
    /** Resolves true when nothing runs, false when the time is over. */
    settled: (withinMs: number): Promise<boolean> => {
      if (running === 0) return Promise.resolve(true)
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), withinMs)
        wake = () => {
          clearTimeout(timer)
          resolve(true)
        }
      })
    },
  }
}

/** Nothing is refused here: whoever takes requests looks at `draining`. */
export function createInFlight(log: Logger): InFlight {
  const { track, settled } = createCount()
  const beginning = new AbortController()
  let drained: Promise<void> | null = null
  const begin = async (drainMs: number) => {
    beginning.abort()
    if (!(await settled(drainMs))) log.warn({ drainMs }, 'requests were still running')
  }
  return {
    track,
    draining: beginning.signal,
    drain: (withinMs) => {
      drained ??= begin(withinMs)
      return drained
    },
  }
}
