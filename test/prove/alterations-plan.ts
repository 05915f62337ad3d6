import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase } from '#kernel/db/database.ts'
import { migrate } from '#kernel/db/migrations.ts'
import { type Door, loadDoors } from '../arch/kit/doors.ts'
import {
  compareWithPlan,
  type PlanIndex,
  parsePlan,
  TABLE_OWNERS,
  type Table,
} from '../arch/rules/plan-tables.ts'
import { emptyMariadb, silentLog } from '../kit/database.ts'

const PLAN = fileURLToPath(
  new URL('../../../shared/seed/000_5976d6abd23bf10a.txt', import.meta.url),
)

export type Engine = 'SQLite' | 'MariaDB'

/** What one domain's database holds of the plan's tables. */
export type PlanRow = {
  engine: Engine
  owner: string
  tables: number
  columns: number
  indexes: number
  missing: readonly string[]
}

type Row = Record<string, string | number | null>
type Ask = (sql: string) => Promise<Row[]>

const askOf =
  (database: Database): Ask =>
  async (sql) =>
    (await database.acrossTenants().getConnection().execute(sql)) as Row[]

function gatherIndexes(rows: readonly Row[]): PlanIndex[] {
  const byName = Map.groupBy(rows, ({ name }) => String(name))
  return [...byName].map(([name, parts]) => ({
    name,
    columns: parts.map(({ column }) => String(column)),
    isUnique: Number(parts[0]?.is_unique) === 1,
  }))
}

const SQLITE = {
  tables: `select name from sqlite_schema where type = 'table'`,
  columns: (table: string) => `select name from pragma_table_info('${table}')`,
  indexes: (table: string) => `select l.name as name, l."unique" as is_unique, i.name as "column"
    from pragma_index_list('${table}') l, pragma_index_info(l.name) i order by l.name, i.seqno`,
}

const MARIADB: typeof SQLITE = {
  tables:
    'select table_name as name from information_schema.tables where table_schema = database()',
  columns: (table) => `select column_name as name from information_schema.columns
    where table_schema = database() and table_name = '${table}'`,
  indexes: (
    table,
  ) => `select index_name as name, 1 - non_unique as is_unique, column_name as \`column\`
    from information_schema.statistics where table_schema = database() and table_name = '${table}'
    order by index_name, seq_in_index`,
}

async function readTables(database: Database): Promise<Table[]> {
  const ask = askOf(database)
  const queries = database.engine === 'sqlite' ? SQLITE : MARIADB
  const tables: Table[] = []
  for (const { name } of await ask(queries.tables)) {
    const columns = await ask(queries.columns(String(name)))
    tables.push({
      name: String(name),
      columns: columns.map((column) => String(column.name)),
      indexes: gatherIndexes(await ask(queries.indexes(String(name)))),
    })
  }
  return tables
}

/** The tables that a domain's migrations make of an empty database. */
async function tablesOf(door: Door, engine: Engine): Promise<Table[]> {
  await using stack = new AsyncDisposableStack()
  const url = engine === 'SQLite' ? 'sqlite::memory:' : stack.use(await emptyMariadb()).url
  const database = await openDatabase({ ...door, url, log: silentLog })
  stack.defer(() => database.close())
  await migrate(database)
  const tables = await readTables(database)
  return tables
}

const countOf = (tables: readonly Table[], part: 'columns' | 'indexes') =>
  tables.reduce((sum, table) => sum + table[part].length, 0)

/** Holds every table, column and index of the plan's SQL against what the migrations make. */
export async function comparePlan(engine: Engine): Promise<PlanRow[]> {
  if (!existsSync(PLAN)) throw new Error(`This proof needs the plan's SQL at ${PLAN}.`)
  const plan = parsePlan(readFileSync(PLAN, 'utf8'))
  const rows: PlanRow[] = []
  for (const [owner, door] of await loadDoors()) {
    const owned = TABLE_OWNERS[owner] ?? []
    const wanted = plan.filter(({ name }) => owned.includes(name))
    const missing = compareWithPlan(plan, owned, await tablesOf(door, engine))
    const [columns, indexes] = [countOf(wanted, 'columns'), countOf(wanted, 'indexes')]
    rows.push({ engine, owner, tables: wanted.length, columns, indexes, missing })
  }
  return rows
}

/** The plan's tables that no domain owns. */
export function ownerless(): string[] {
  const owned = Object.values(TABLE_OWNERS).flat()
  return parsePlan(readFileSync(PLAN, 'utf8'))
    .map(({ name }) => name)
    .filter((name) => !owned.includes(name))
}
