import type { DatabaseSync } from 'node:sqlite'
import type { Logger } from '../log.ts'
import { databaseError, isFull } from './errors.ts'

export type Room = ReturnType<typeof createRoom>

/** After so long without a refused write one is tried. */
const QUIET_MS = 10_000

/** A write that changes nothing, on the disk before it returns. */
function writeNothing(database: DatabaseSync): void {
  const version = database.prepare('pragma user_version').get()?.user_version
  database.exec(`pragma user_version = ${Number(version)}`)
}

/**
 * Whether SQLite has room to write. What needs none goes on; what was refused is rolled back whole,
 * and goes well again as soon as there is room.
 */
export function createRoom(log: Logger) {
  let refusedAt: number | null = null
  const refused = (failure: unknown) => {
    if (refusedAt === null) log.error({ err: failure }, 'the database has no room left')
    refusedAt = performance.now()
  }
  const watched = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (failure) {
      if (isFull(failure)) refused(failure)
      throw failure
    }
  }
  return {
    /** Runs a statement and sees what it fails with. */
    watched,
    /** @throws DATABASE_FULL while writes are refused, and until one goes well after that */
    check: (database: DatabaseSync): void => {
      if (refusedAt === null) return
      const isQuiet = performance.now() - refusedAt > QUIET_MS
      if (!isQuiet || database.isTransaction) throw databaseError('DATABASE_FULL')
      watched(() => writeNothing(database))
      refusedAt = null
      log.info('the database has room again')
    },
  }
}
