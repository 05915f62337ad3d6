import { type Call, wait } from './calls.ts'
import { isDbsbmError } from './errors.ts'

const BUSY: ReadonlySet<number | null> = new Set([429, 502, 503, 504])

/** Whether the same question may be answered in a moment. */
export function isTransient(failure: unknown): boolean {
  return (
    isDbsbmError(failure) && (failure.code === 'NETWORK_UNREACHABLE' || BUSY.has(failure.status))
  )
}

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

const hasKey = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { idempotencyKey?: unknown }).idempotencyKey === 'string'

const isInput = (value: unknown) => typeof value === 'object' && value !== null

/** Whether a change sent twice is made once: each of its inputs carries a key of its own. */
export function isRepeatable(variables: unknown): boolean {
  if (typeof variables !== 'object' || variables === null) return false
  const inputs = Object.values(variables).filter(isInput)
  return hasKey(variables) || (inputs.length > 0 && inputs.every(hasKey))
}
