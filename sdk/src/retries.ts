import { type Call, wait } from './calls.ts'
import { isDbsbmError } from './errors.ts'
import { isTransient } from './passing.ts'

const FIRST_PAUSE = 200
const LONGEST_PAUSE = 30_000

/** Milliseconds before the next try: as long as was told, else longer each time and never in step with others. */
export function pauseBefore(
  tries: number,
  { retryAfter, random = Math.random }: { retryAfter?: number | null; random?: () => number } = {},
): number {
  const most = Math.min(FIRST_PAUSE * 2 ** tries, LONGEST_PAUSE)
  const own = most / 2 + (random() * most) / 2
  return retryAfter == null ? own : retryAfter * 1000 + (random() * FIRST_PAUSE) / 2
}

/** Asks, and asks again a bounded number of times while the failure may pass within the call's time. */
export async function repeatedly<Value>(
  ask: () => Promise<Value>,
  { call, retries }: { call: Call; retries: number },
): Promise<Value> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask()
    } catch (failure) {
      if (tries >= retries || !isDbsbmError(failure) || !isTransient(failure)) throw failure
      const pause = pauseBefore(tries, failure)
      // Who cannot wait so long hears now what was said, not later that time is over.
      if (pause >= call.millisecondsLeft()) throw failure
      await wait(pause, call.signal)
    }
  }
}
