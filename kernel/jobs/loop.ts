import type { Logger } from '../log.ts'

export type Loop = {
  start: () => void
  /** Has a round begin now, or right after the one under way, as far as its breath allows. */
  wake: () => void
  /** Resolves when the round under way, if any, has ended; none follows. */
  stop: () => Promise<void>
}

export type LoopOptions = {
  name: string
  round: () => Promise<void>
  /** The longest wait between two rounds. */
  pauseMilliseconds: number
  /** The shortest time between the beginnings of two rounds, so that what comes together is done together; by default none. */
  breathMilliseconds?: number
  log: Logger
}

/**
 * The same work again and again, one round at a time; a round that fails is logged and the next one
 * comes after the pause. Its timer keeps no process alive.
 */
export function createLoop({ name, round, pauseMilliseconds, log, ...given }: LoopOptions): Loop {
  const { breathMilliseconds = 0 } = given
  let begunAt = Number.NEGATIVE_INFINITY
  let isStarted = false
  let isAwaited = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null

  const breath = () => Math.max(0, begunAt + breathMilliseconds - performance.now())
  const run = () => {
    clearTimeout(timer)
    isAwaited = false
    begunAt = performance.now()
    running = round()
      .catch((failure: unknown) => log.error({ err: failure, loop: name }, 'a round failed'))
      .then(() => {
        running = null
        if (!isStarted) return
        timer = setTimeout(run, isAwaited ? breath() : pauseMilliseconds).unref()
      })
  }
  return {
    start: () => {
      if (isStarted) return
      isStarted = true
      if (!running) run()
    },
    wake: () => {
      isAwaited = true
      if (!isStarted || running) return
      const waitMs = breath()
      if (waitMs === 0) return run()
      clearTimeout(timer)
      timer = setTimeout(run, waitMs).unref()
    },
    stop: async () => {
      isStarted = false
      clearTimeout(timer)
      await running
    },
  }
}
