import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely'
import { databaseError } from './errors.ts'
import { refuseNestedConnection } from './transaction-scope.ts'

/** How long a query waits for the one connection, and SQLite for another process's lock. */
export const BUSY_TIMEOUT_MILLISECONDS = 10_000

/** One connection, taken in turns with a bound on the wait. */
export class GuardedSqliteDriver extends SqliteDriver {
  #isTaken = false
  readonly #waiting: { grant: () => void; timer: NodeJS.Timeout }[] = []
  readonly #isInTransaction: () => boolean

  constructor(config: SqliteDialectConfig, isInTransaction: () => boolean) {
    super(config)
    this.#isInTransaction = isInTransaction
  }

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
    try {
      // One that could not be rolled back must not take in the next.
      if (this.#isInTransaction()) await super.rollbackTransaction(connection)
      // A deferred begin could fail later, when its first write meets another process's.
      await connection.executeQuery(CompiledQuery.raw('begin immediate'))
    } catch (failure) {
      // Kysely gives a turn back only after a commit or rollback that went well.
      await this.releaseConnection()
      throw failure
    }
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Without room, or after a fault of the disk, SQLite has rolled back by itself.
    if (!this.#isInTransaction()) return
    try {
      await super.rollbackTransaction(connection)
    } catch (failure) {
      await this.releaseConnection()
      throw failure
    }
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
export class TurnTakingAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}
