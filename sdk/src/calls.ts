import { clientError, type DbsbmError } from './errors.ts'

/** What bounds one call: its caller, its time, and the client's end. */
export type Call = {
  readonly signal: AbortSignal
  /** What ended the call, or null while it runs. */
  readonly ended: () => DbsbmError | null
  readonly millisecondsLeft: () => number
  /** Has to be called when the call is over, however it ended. */
  readonly finish: () => void
}

/** Who may end a call, and when. */
export type CallBounds = { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number }

/** All running calls of a client. */
export type Calls = ReturnType<typeof createCalls>

// Beyond this many milliseconds timers fire at once.
const LONGEST_TIMER = 2 ** 31 - 1

/** Keeps account of running calls, so that whoever closes the client ends them. */
export function createCalls() {
  const running = new Set<(failure: DbsbmError) => void>()
  let isClosed = false
  return {
    /** @throws CLIENT_CLOSED, CALL_ABORTED */
    begin({ signal, timeoutMs }: CallBounds): Call {
      if (isClosed) throw clientError('CLIENT_CLOSED')
      if (signal?.aborted) throw abortedBy(signal)
      const controller = new AbortController()
      const deadline = Date.now() + timeoutMs
      let failure: DbsbmError | null = null
      const end = (reason: DbsbmError) => {
        failure ??= reason
        controller.abort(failure)
      }
      const abort = () => signal && end(abortedBy(signal))
      const late = () => end(clientError('TIMED_OUT'))
      const timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER))
      signal?.addEventListener('abort', abort, { once: true })
      running.add(end)
      return {
        signal: controller.signal,
        ended: () => failure,
        millisecondsLeft: () => deadline - Date.now(),
        finish() {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          running.delete(end)
        },
      }
    },
    close() {
      isClosed = true
      for (const end of running) end(clientError('CLIENT_CLOSED'))
    },
  }
}

/** The failure of whoever gave up. */
export const abortedBy = (signal: AbortSignal): DbsbmError =>
  clientError('CALL_ABORTED', { cause: signal.reason })

/** Waits, or rejects with the reason for which the signal was aborted. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return unlessAborted(signal, (resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    return () => clearTimeout(timer)
  })
}

/** What others wait for too, or the reason for which the signal was aborted: whichever is first. */
export function unlessEnded<Value>(shared: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return unlessAborted(signal, (resolve, reject) => {
    shared.then(resolve, reject)
    return () => {}
  })
}

function unlessAborted<Value>(
  signal: AbortSignal,
  start: (resolve: (value: Value) => void, reject: (failure: unknown) => void) => () => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const abort = () => {
      stop()
      reject(signal.reason)
    }
    const settled =
      <Args extends readonly unknown[]>(settle: (...args: Args) => void) =>
      (...args: Args) => {
        signal.removeEventListener('abort', abort)
        settle(...args)
      }
    signal.addEventListener('abort', abort, { once: true })
    const stop = start(settled(resolve), settled(reject))
  })
}
