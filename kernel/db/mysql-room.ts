import type { Logger } from '../log.ts'
import { databaseError, isFull } from './errors.ts'

/** For so long after a refused write the server counts as full: then whoever writes finds out. */
const REFUSED_MS = 10_000

/** Whether a server has room to write, as far as those who wrote were told. */
export function createServerRoom(log: Logger) {
  let refusedAt = Number.NEGATIVE_INFINITY
  const isFullNow = () => performance.now() - refusedAt < REFUSED_MS
  return {
    /** Looks at what a statement failed with. */
    failed: (failure: unknown): void => {
      if (!isFull(failure)) return
      if (!isFullNow()) log.error({ err: failure }, 'the database has no room left')
      refusedAt = performance.now()
    },
    /** @throws DATABASE_FULL until no write was refused for ten seconds */
    check: (): void => {
      if (isFullNow()) throw databaseError('DATABASE_FULL')
    },
  }
}
