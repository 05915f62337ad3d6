import { isDomainError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { pause } from '../time-limit.ts'
import { toDatabaseRefusal } from './errors.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000

export type Awaiting = {
  /** Ends the wait. */
  signal: AbortSignal
  /** Is told why it waits, each time. */
  waitsFor?: (reason: string) => void
  log: Logger
}

/** A name for why it is not there, so that each reason is logged once. */
function reasonOf(failure: unknown): string | null {
  const cause = isDomainError(failure, 'DATABASE_UNREACHABLE') ? failure.cause : failure
  const refusal = toDatabaseRefusal(cause)
  if (!refusal) return null
  return cause instanceof Error && 'code' in cause ? String(cause.code) : refusal.code
}

/**
 * Does what needs a database, again and again while that cannot serve, until the signal fires. The
 * work is done from its beginning each time, so it must not mind what an earlier try has left.
 * @throws what is no outage of the database, the signal's reason
 */
export async function untilReachable<T>(
  work: () => Promise<T>,
  { signal, waitsFor, log }: Awaiting,
): Promise<T> {
  const since = performance.now()
  let told: string | null = null
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted()
    try {
      const done = await work()
      const milliseconds = Math.round(performance.now() - since)
      if (told !== null) log.info({ milliseconds }, 'the database is there')
      return done
    } catch (failure) {
      signal.throwIfAborted()
      const reason = reasonOf(failure)
      if (reason === null) throw failure
      if (reason !== told) log.warn({ err: failure, reason }, 'waiting for the database')
      told = reason
      waitsFor?.(reason)
    }
    await pause(waitMs, signal)
  }
}
