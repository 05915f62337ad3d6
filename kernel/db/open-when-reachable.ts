import { isDomainError } from '../errors.ts'
import { pause } from '../time-limit.ts'
import { type Database, type DatabaseOptions, engineOf, openDatabase } from './database.ts'
import { toDatabaseRefusal } from './errors.ts'
import { migrate } from './migrations.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000

/**
 * Opens and migrates a subgraph's database, which has to be there.
 * @throws DATABASE_URL_INVALID, DATABASE_UNREACHABLE, DATABASE_ACCESS_DENIED, DATABASE_MIGRATION_LOCKED
 */
export async function openMigrated(
  options: DatabaseOptions,
  signal?: AbortSignal,
): Promise<Database> {
  const { log } = options
  const database = await openDatabase(options)
  try {
    const { applied } = await migrate(database, signal ? { signal } : {})
    if (applied.length > 0) log.info({ applied }, 'migrated')
    return database
  } catch (failure) {
    await database
      .close()
      .catch((err: unknown) => log.error({ err }, 'the database was not closed'))
    throw failure
  }
}

/** A name for why it is not there, so that each reason is logged once. */
function reasonOf(failure: unknown): string | null {
  const cause = isDomainError(failure, 'DATABASE_UNREACHABLE') ? failure.cause : failure
  const refusal = toDatabaseRefusal(cause)
  if (!refusal) return null
  return cause instanceof Error && 'code' in cause ? String(cause.code) : refusal.code
}

/**
 * Opens and migrates a subgraph's database, and waits for a server that is not there yet, or knows
 * the database not yet, until the signal fires; `waitsFor` is told why. A file of SQLite is there or
 * not: it is tried once.
 * @throws DATABASE_URL_INVALID, DATABASE_ACCESS_DENIED, DATABASE_MIGRATION_LOCKED, the signal's reason
 */
export async function openWhenReachable(
  options: DatabaseOptions,
  signal: AbortSignal,
  waitsFor: (reason: string) => void = () => undefined,
): Promise<Database> {
  const { log, url } = options
  const isServer = engineOf(url) !== 'sqlite'
  const since = performance.now()
  let told: string | null = null
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted()
    try {
      const database = await openMigrated(options, signal)
      const milliseconds = Math.round(performance.now() - since)
      if (told !== null) log.info({ milliseconds }, 'the database is there')
      return database
    } catch (failure) {
      signal.throwIfAborted()
      const reason = reasonOf(failure)
      if (!isServer || reason === null) throw failure
      if (reason !== told) log.warn({ err: failure, reason }, 'waiting for the database')
      told = reason
      waitsFor(reason)
    }
    await pause(waitMs, signal)
  }
}
