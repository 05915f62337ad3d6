import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { SqliteDialect, type SqliteDialectConfig } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../log.ts'
import { createRoom, type Room } from './sqlite-room.ts'
import {
  BUSY_TIMEOUT_MILLISECONDS,
  GuardedSqliteDriver,
  TurnTakingAdapter,
} from './sqlite-turns.ts'

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
function toKyselyDatabase(database: DatabaseSync, { watched }: Room) {
  const ready = new LRUCache<string, ReturnType<typeof prepare>>({ max: MOST_STATEMENTS })
  return {
    prepare: (sql: string) => {
      const prepared = ready.get(sql) ?? prepare(database, sql)
      ready.set(sql, prepared)
      const { statement, reader } = prepared
      return {
        reader,
        all: (parameters: readonly unknown[]) =>
          watched(() => statement.all(...parameters.map(toSqliteValue)).map(fromSqliteRow)),
        run: (parameters: readonly unknown[]) =>
          watched(() => statement.run(...parameters.map(toSqliteValue))),
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

/**
 * Kysely dialect over `node:sqlite` (Node 24): WAL, busy time-out, exact BIGINTs, no nested
 * connections. `path` is a file or ":memory:".
 */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #room: Room
  #database: DatabaseSync | undefined

  constructor(path: string, log: Logger) {
    const room = createRoom(log)
    const config: SqliteDialectConfig = {
      database: async () => {
        this.#database = openDatabase(path)
        return toKyselyDatabase(this.#database, room) as never
      },
    }
    super(config)
    this.#config = config
    this.#room = room
  }

  override createDriver(): GuardedSqliteDriver {
    return new GuardedSqliteDriver(this.#config, () => this.#database?.isTransaction === true)
  }

  override createAdapter(): TurnTakingAdapter {
    return new TurnTakingAdapter()
  }

  /** @throws DATABASE_FULL as long as writes are refused for want of room */
  checkRoom(): void {
    if (this.#database) this.#room.check(this.#database)
  }
}
