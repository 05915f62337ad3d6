import {
  type DatabaseConnection,
  MysqlDialect,
  type MysqlDialectConfig,
  MysqlDriver,
  type MysqlPoolConnection,
  type MysqlQueryResult,
  type TransactionSettings,
} from 'kysely'
import { databaseError, isDeadlock, toDatabaseRefusal } from './errors.ts'
import { createPool, type Lease, type Pool, type PoolOptions } from './mysql-pool.ts'
import { refuseNestedConnection } from './transaction-scope.ts'

/** What a failed COMMIT means: unless the server said no, nobody knows whether it committed. */
function toCommitFailure(failure: unknown): unknown {
  // Galera tells of a conflict with another node at the commit, as of a deadlock.
  if (isDeadlock(failure) || !toDatabaseRefusal(failure)) return failure
  return databaseError('DATABASE_OUTCOME_UNKNOWN', {}, { cause: failure })
}

/** A connection as Kysely's driver wraps it. */
type Connection = Parameters<MysqlDriver['releaseConnection']>[0]

class GuardedMysqlDriver extends MysqlDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    refuseNestedConnection()
    return super.acquireConnection()
  }

  // Kysely gives a connection back only after a commit or rollback that went well.
  override async beginTransaction(
    connection: Connection,
    settings: TransactionSettings,
  ): Promise<void> {
    try {
      await super.beginTransaction(connection, settings)
    } catch (failure) {
      await this.releaseConnection(connection)
      throw failure
    }
  }

  override async commitTransaction(connection: Connection): Promise<void> {
    try {
      await super.commitTransaction(connection)
    } catch (failure) {
      throw toCommitFailure(failure)
    }
  }

  override async rollbackTransaction(connection: Connection): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch (failure) {
      await this.releaseConnection(connection)
      throw failure
    }
  }
}

/** The shape that Kysely's driver expects; it streams and cancels nothing here. */
const toKyselyConnection = ({ ask, release }: Lease) =>
  ({
    release,
    query: (
      sql: string,
      parameters: readonly unknown[],
      done: (failure: unknown, result: MysqlQueryResult) => void,
    ) => {
      ask(sql, parameters).then(
        (result) => done(null, result as MysqlQueryResult),
        (failure: unknown) => done(failure, []),
      )
    },
  }) as unknown as MysqlPoolConnection

const toKyselyPool = (pool: Pool): MysqlDialectConfig['pool'] => ({
  getConnection: (done) => {
    pool.acquire().then(
      (lease) => done(null, toKyselyConnection(lease)),
      (failure: unknown) => done(failure, undefined as never),
    )
  },
  end: (done) => {
    pool.close()
    done(null)
  },
})

/** Kysely dialect over `mysql2`: a bounded pool, UTC, exact BIGINTs, no nested connections. */
export class PooledMysqlDialect extends MysqlDialect {
  readonly #config: MysqlDialectConfig
  readonly #pool: Pool

  constructor(options: PoolOptions) {
    const pool = createPool(options)
    const config = { pool: toKyselyPool(pool) }
    super(config)
    this.#config = config
    this.#pool = pool
  }

  override createDriver(): GuardedMysqlDriver {
    return new GuardedMysqlDriver(this.#config)
  }

  /** Whether the server answers in time, however many wait for a connection. @throws what it fails with */
  probe(withinMs: number): Promise<void> {
    return this.#pool.probe(withinMs)
  }
}
