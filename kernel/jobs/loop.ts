import type { Logger } from '../log.ts'

export type Loop = {
  start: () => void
  /** Has a round begin now, or right after the one under way. */
  wake: () => void
  /** Resolves when the round under way, if any, has ended; none follows. */
  stop: () => Promise<void>
}

export type LoopOptions = {
  name: string
  round: () => Promise<void>
  /** The longest wait between two rounds. */
  pauseMilliseconds: number
  log: Logger
}

/**
 * The same work again and again, one round at a time; a round that fails is logged and the next one
 * comes after the pause. Its timer keeps no process alive.
 */
export function createLoop({ name, round, pauseMilliseconds, log }: LoopOptions): Loop {
  let isStarted = false
  let isAwaited = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null

  const run = () => {
    clearTimeout(timer)
    isAwaited = false
    running = round()
      .catch((failure: unknown) => log.error({ err: failure, loop: name }, 'a round failed'))
      .then(() => {
        running = null
        if (!isStarted) return
        timer = setTimeout(run, isAwaited ? 0 : pauseMilliseconds).unref()
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
      if (isStarted && !running) run()
    },
    stop: async () => {
      isStarted = false
      clearTimeout(timer)
      await running
    },
  }
}
