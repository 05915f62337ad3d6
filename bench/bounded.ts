import { withinTimeLimit } from '../kernel/time-limit.ts'

/**
 * Runs what is measured for so long at most, and until somebody says stop: then it is refused, so that
 * what it was measured on can be taken down.
 */
export async function bounded<Found>(minutes: number, work: () => Promise<Found>): Promise<Found> {
  const stopping = new AbortController()
  const stop = (signal: string) => stopping.abort(new Error(`stopped by ${signal}`))
  process.once('SIGTERM', stop).once('SIGINT', stop)
  const onTimeout = () => new Error(`not done within ${minutes} minutes`)
  try {
    const limit = { timeoutMs: minutes * 60_000, onTimeout, signal: stopping.signal }
    return await withinTimeLimit(limit, work)
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop)
  }
}
