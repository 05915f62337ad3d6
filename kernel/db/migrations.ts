import type { Database } from './database.ts'

export type MigrationReport = { database: string; applied: readonly string[] }

/** Brings a database to the newest schema. Migrations only go forward. */
export async function migrate(database: Database): Promise<MigrationReport> {
  const applied = await database.orm.migrator.up()
  return { database: database.name, applied: applied.map((migration) => migration.name) }
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
