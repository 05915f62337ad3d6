import type { MikroORM } from '@mikro-orm/core'
import { type Database, openOrm } from './database.ts'
import { withMigrationLock } from './migration-lock.ts'

export type MigrationReport = { database: string; applied: readonly string[] }

/** A migration may rebuild a large table: its statements may take far longer than a request's. */
const STATEMENT_TIMEOUT_MS = 600_000
/**
 * Whoever waits to change a table keeps all others waiting who use it after him. So he waits for a
 * moment, lets them pass, and tries again.
 */
const TABLE_WAIT_MS = 4_000
/** One holds the lock, one migrates, and one looks up what was applied. */
const CONNECTIONS = 3

const run = async ({ migrator }: MikroORM): Promise<string[]> =>
  (await migrator.up()).map((migration) => migration.name)

/** Looks without writing: a user who may not change tables, and another process that migrates, are no hindrance. */
async function isUpToDate(orm: MikroORM): Promise<boolean> {
  const { tableName } = orm.config.get('migrations')
  const [table] = await orm.em
    .getConnection()
    .execute<unknown[]>(
      'select 1 from information_schema.tables where table_schema = database() and table_name = ?',
      [tableName],
    )
  return table !== undefined && (await orm.migrator.getPending()).length === 0
}

/** When to give up waiting for another process. */
export type MigrateOptions = { signal?: AbortSignal; lockWaitMs?: number }

async function migrateServer({ options }: Database, given: MigrateOptions): Promise<string[]> {
  const bounds = {
    ...{ timeoutMs: STATEMENT_TIMEOUT_MS, tableWaitMs: TABLE_WAIT_MS },
    connectionLimit: CONNECTIONS,
  }
  const { orm } = await openOrm({ ...options, ...bounds, entities: [] })
  try {
    if (await isUpToDate(orm)) return []
    return await withMigrationLock(orm, { log: options.log, ...given }, () => run(orm))
  } finally {
    await orm.close(true)
  }
}

/**
 * Brings a database to the newest schema. Migrations only go forward, one process at a time; those of
 * a newer version that were applied before stay, and are none of this one's business.
 * @throws DATABASE_MIGRATION_LOCKED when another process migrates for longer than `lockWaitMs`, 15 minutes unless told
 */
export async function migrate(
  database: Database,
  given: MigrateOptions = {},
): Promise<MigrationReport> {
  const { name, engine, orm } = database
  const applied = engine === 'sqlite' ? await run(orm) : await migrateServer(database, given)
  return { database: name, applied }
}

/** The statements that would make the database equal to its entities; empty when nothing drifted. */
export async function schemaDrift(database: Database): Promise<string[]> {
  const sql = await database.orm.schema.getUpdateSchemaSQL({ wrap: false, safe: false })
  return sql
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.includes('mikro_orm_migrations'))
}

/**
 * Writes the next migration of a database whose migrations have all been applied, or returns null
 * when its entities ask for nothing new.
 */
export async function createMigration(database: Database): Promise<string | null> {
  const { fileName } = await database.orm.migrator.create()
  return fileName === '' ? null : fileName
}
