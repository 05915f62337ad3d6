import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { CLOCK_SKEW_SECONDS } from './service-token.ts'

/** How far the clocks of callees are from this one, as far as they told. */
export type CalleeClocks = {
  /** This process's clock, set to the callee's time. */
  clockOf: (callee: string) => Clock
  /** Takes a callee's word for its time. @returns whether it is close enough to be believed */
  learn: (callee: string, now: number) => boolean
  /** Milliseconds by which each callee's clock is ahead of this one's; of those that told, where it matters. */
  offsets: () => Readonly<Record<string, number>>
}

/** Clocks further apart than this are no matter of tolerance: somebody has to set one. */
export const FURTHEST_CLOCK_MS = 600_000

/** Tokens bear less without a word. */
const MATTERS_MS = CLOCK_SKEW_SECONDS * 1_000
/** Differences below are not worth a line in the log. */
const WORTH_TELLING_MS = 1_000

/** Nothing is known at the start: a callee tells when it refuses a token for its time. */
export function createCalleeClocks({ clock, log }: { clock: Clock; log: Logger }): CalleeClocks {
  const offsets = new Map<string, number>()
  const tooFar = new Map<string, number>()
  const isNews = (offset: number, known: number | undefined) =>
    known === undefined || Math.abs(offset - known) > WORTH_TELLING_MS
  return {
    clockOf: (callee) => ({
      now: () => new Date(clock.now().getTime() + (offsets.get(callee) ?? 0)),
    }),
    learn(callee, now) {
      const offset = now - clock.now().getTime()
      const told = { callee, offsetMs: offset }
      if (Math.abs(offset) > FURTHEST_CLOCK_MS) {
        if (isNews(offset, tooFar.get(callee))) {
          log.error({ ...told, furthestMs: FURTHEST_CLOCK_MS }, 'a clock is too far to be followed')
          tooFar.set(callee, offset)
        }
        return false
      }
      if (isNews(offset, offsets.get(callee) ?? 0)) {
        log.warn(told, 'the clocks of two services differ')
      }
      tooFar.delete(callee)
      offsets.set(callee, offset)
      return true
    },
    offsets: () =>
      Object.fromEntries([...offsets].filter(([, offset]) => Math.abs(offset) > MATTERS_MS)),
  }
}
