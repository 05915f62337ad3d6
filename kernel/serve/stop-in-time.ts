import { withinTimeLimit } from '../time-limit.ts'
import { serveError } from './errors.ts'

/** For what comes after the drain: background work, connections, databases. */
export const STOP_MS = 15_000

/** What is stopped, and how long it may take. */
export type Stopping = { part: string; withinMs: number }

/**
 * Stops a part of the process, or gives it up: whoever ends the process is not kept by one part
 * that hangs. @throws STOP_TIMED_OUT, and whatever `stop` throws
 */
export function stopInTime({ part, withinMs }: Stopping, stop: () => Promise<void>): Promise<void> {
  const onTimeout = () => serveError('STOP_TIMED_OUT', { part, milliseconds: withinMs })
  return withinTimeLimit({ timeoutMs: withinMs, onTimeout }, stop)
}
