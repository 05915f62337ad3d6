import { setTimeout as wait } from 'node:timers/promises'

/** How long work may take, and who may stop it earlier. */
export type TimeLimit = {
  timeoutMs: number
  /** What the work is refused with when its time is over. */
  onTimeout: () => Error
  signal?: AbortSignal | undefined
}

/** Runs work that may not heed its signal; rejects in time all the same, and leaves no timer behind. */
export async function withinTimeLimit<T>(
  limit: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  limit.signal?.throwIfAborted()
  const controller = new AbortController()
  const stop = () => controller.abort(limit.signal?.reason)
  const timer = setTimeout(() => controller.abort(limit.onTimeout()), limit.timeoutMs)
  limit.signal?.addEventListener('abort', stop, { once: true })
  const stopped = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason))
  })
  try {
    return await Promise.race([work(controller.signal), stopped])
  } finally {
    clearTimeout(timer)
    limit.signal?.removeEventListener('abort', stop)
  }
}

/** Waits; rejects with the signal's reason when it fires first. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(milliseconds, undefined, signal ? { signal } : {})
  } catch (failure) {
    signal?.throwIfAborted()
    throw failure
  }
}
