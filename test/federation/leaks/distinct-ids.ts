import type { Database } from '#kernel/db/database.ts'

const DISTANCE = 1_000_000

/** The tables whose rows the database numbers. */
function numberedTables(database: Database): string[] {
  return [...database.orm.getMetadata().getAll().values()]
    .filter(({ properties, tableName }) => tableName && properties.id?.autoincrement)
    .map(({ tableName }) => tableName)
}

/**
 * Has the next rows of every table numbered from a place of its own, so that an id in an answer
 * tells whose row it is.
 */
export async function startIdsAt(databases: readonly Database[], first: number): Promise<void> {
  let next = first
  for (const database of databases) {
    const connection = database.orm.em.getConnection()
    for (const table of numberedTables(database)) {
      next += DISTANCE
      if (database.engine !== 'sqlite') {
        await connection.execute(`alter table ${table} auto_increment = ${next}`)
        continue
      }
      await connection.execute(`delete from sqlite_sequence where name = '${table}'`)
      await connection.execute(
        `insert into sqlite_sequence (name, seq) values ('${table}', ${next})`,
      )
    }
  }
}
