import { setTimeout as delay } from 'node:timers/promises'

/** Waits, or returns early and without error when the signal aborts. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>

/** The longest wait of one timer: beyond it Node fires at once. */
export const LONGEST_SLEEP_MS = 2_147_483_647

/** Waits on the machine's timer; longer waits than LONGEST_SLEEP_MS return early, so callers look at the clock again. */
export const systemSleep: Sleep = async (milliseconds, signal) => {
  if (signal.aborted) return
  const bounded = Math.min(Math.max(0, milliseconds), LONGEST_SLEEP_MS)
  try {
    await delay(bounded, undefined, { signal })
  } catch (failure) {
    if (!signal.aborted) throw failure
  }
}
