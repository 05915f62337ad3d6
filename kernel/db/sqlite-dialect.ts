import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely'
import { LRUCache } from 'lru-cache'
import { databaseError } from './errors.ts'
import { refuseNestedConnection } from './transaction-scope.ts'

/** How long a query waits for the one connection, and SQLite for another process's lock. */
const BUSY_TIMEOUT_MILLISECONDS = 10_000

const PRAGMAS = [
  // First: whoever reads the file at this moment, a backup say, is waited for.
  `busy_timeout = ${BUSY_TIMEOUT_MILLISECONDS}`,
  'journal_mode = wal',
  // A commit is on the disk before it is told: a power cut loses nothing that was accepted.
  'synchronous = full',
  'foreign_keys = on',
  // A REPLACE must fire the triggers that keep append-only tables append-only.
  'recursive_triggers = on',
  // Overwritten rows leave no readable remains in the file.
  'secure_delete = on',
]

/** MikroORM hands over booleans, dates and undefined; node:sqlite takes none of them. */
function toSqliteValue(value: unknown): SQLInputValue {
  if (value === undefined) return null
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (value instanceof Date) return BigInt(value.getTime())
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error('a number that is not finite is never stored')
  }
  // A number would be bound as a real, and whole numbers divided by a real are no longer whole.
  if (Number.isSafeInteger(value)) return BigInt(value as number)
  return value as SQLInputValue
}

/** Integers come as BigInt so that none is cut; the safe ones become numbers, the others text. */
function fromSqliteRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const column in row) {
    const value = row[column]
    if (typeof value !== 'bigint') continue
    row[column] =
      value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
        ? Number(value)
        : value.toString()
  }
  return row
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  for (const pragma of PRAGMAS) database.exec(`pragma ${pragma}`)
  return database
}

/** Statements kept ready; a request asks the same few again and again, and preparing one costs more than running it. */
const MOST_STATEMENTS = 500

/** A statement ready to run, and whether it answers rows. */
function prepare(database: DatabaseSync, sql: string) {
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  return { statement, reader: statement.columns().length > 0 }
}

/** `node:sqlite` behind the shape that Kysely's SQLite driver expects. */
function toKyselyDatabase(database: DatabaseSync) {
  const ready = new LRUCache<string, ReturnType<typeof prepare>>({ max: MOST_STATEMENTS })
  return {
    prepare: (sql: string) => {
      const prepared = ready.get(sql) ?? prepare(database, sql)
      ready.set(sql, prepared)
      const { statement, reader } = prepared
      return {
        reader,
        all: (parameters: readonly unknown[]) =>
          statement.all(...parameters.map(toSqliteValue)).map(fromSqliteRow),
        run: (parameters: readonly unknown[]) => statement.run(...parameters.map(toSqliteValue)),
        // Of its own: one that is read row by row cannot be run again meanwhile.
        iterate: (parameters: readonly unknown[]) =>
          prepare(database, sql).statement.iterate(...parameters.map(toSqliteValue)),
      }
    },
    close: () => {
      ready.clear()
      database.close()
    },
  }
}

/** One connection, taken in turns with a bound on the wait. */
class GuardedSqliteDriver extends SqliteDriver {
  #isTaken = false
  readonly #waiting: { grant: () => void; timer: NodeJS.Timeout }[] = []

  override async acquireConnection(): Promise<DatabaseConnection> {
    refuseNestedConnection()
    if (this.#isTaken) await this.#takeTurn()
    this.#isTaken = true
    return super.acquireConnection()
  }

  override async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift()
    if (!next) {
      this.#isTaken = false
      return
    }
    clearTimeout(next.timer)
    next.grant()
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // A deferred begin could fail later, when its first write meets another process's.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  #takeTurn(): Promise<void> {
    return new Promise((grant, refuse) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        refuse(databaseError('DATABASE_BUSY'))
      }, BUSY_TIMEOUT_MILLISECONDS)
      const turn = { grant, timer }
      this.#waiting.push(turn)
    })
  }
}

/** The driver takes turns itself, so that a wait is bounded and a nested one refused. */
class TurnTakingAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/**
 * Kysely dialect over `node:sqlite` (Node 24): WAL, busy time-out, exact BIGINTs, no nested
 * connections. `path` is a file or ":memory:".
 */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig

  constructor(path: string) {
    const config: SqliteDialectConfig = {
      database: async () => toKyselyDatabase(openDatabase(path)) as never,
    }
    super(config)
    this.#config = config
  }

  override createDriver(): GuardedSqliteDriver {
    return new GuardedSqliteDriver(this.#config)
  }

  override createAdapter(): TurnTakingAdapter {
    return new TurnTakingAdapter()
  }
}
