import { type Database, type DatabaseOptions, engineOf, openDatabase } from './database.ts'
import { migrate } from './migrations.ts'
import { type Awaiting, untilReachable } from './until-reachable.ts'

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

/**
 * Opens and migrates a subgraph's database, and waits for a server that is not there yet, or knows
 * the database not yet. A file of SQLite is there or not: it is tried once.
 * @throws DATABASE_URL_INVALID, DATABASE_ACCESS_DENIED, DATABASE_MIGRATION_LOCKED, the signal's reason
 */
export async function openWhenReachable(
  options: DatabaseOptions,
  waiting: Pick<Awaiting, 'signal' | 'waitsFor'>,
): Promise<Database> {
  const { log, url } = options
  if (engineOf(url) === 'sqlite') return openMigrated(options, waiting.signal)
  return untilReachable(() => openMigrated(options, waiting.signal), { ...waiting, log })
}
