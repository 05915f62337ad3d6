import type { Database } from '#kernel/db/database.ts'

/** Whether a table whose rows are “only added” refuses all else, asked behind all services. */
export async function refusesChanges(database: Database, table: string) {
  const connection = database.acrossTenants().getConnection()
  const isRefused = (statement: string) =>
    connection.execute(statement).then(
      () => false,
      (failure: unknown) => /only added/.test(String(failure)),
    )
  const rows = await connection.execute(`select count(*) as count from ${table}`)
  if (Number(rows[0]?.count ?? 0) === 0) throw new Error(`${table} has no row to try it on`)
  return {
    update: await isRefused(`update ${table} set id = id`),
    delete: await isRefused(`delete from ${table}`),
  }
}
