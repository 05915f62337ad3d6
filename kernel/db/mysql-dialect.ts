import { type DatabaseConnection, MysqlDialect, type MysqlDialectConfig, MysqlDriver } from 'kysely'
import { createPool } from 'mysql2'
import { refuseNestedConnection } from './transaction-scope.ts'

class GuardedMysqlDriver extends MysqlDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    refuseNestedConnection()
    return super.acquireConnection()
  }
}

export type MysqlPoolOptions = {
  url: URL
  /** MySQL's driver parses JSON columns itself; MariaDB's platform does that in the ORM. */
  jsonStrings: boolean
  connectionLimit: number
}

/** How long a connection may take to open. */
const CONNECT_TIMEOUT_MILLISECONDS = 5_000
/** How many requests may wait for a connection before more are refused. */
const QUEUE_LIMIT = 1_000

/** Kysely dialect over `mysql2`: a bounded pool, UTC, exact BIGINTs, no nested connections. */
export class PooledMysqlDialect extends MysqlDialect {
  readonly #config: MysqlDialectConfig

  constructor({ url, jsonStrings, connectionLimit }: MysqlPoolOptions) {
    const config: MysqlDialectConfig = {
      pool: async () =>
        createPool({
          host: url.hostname,
          port: url.port === '' ? 3306 : Number(url.port),
          user: decodeURIComponent(url.username),
          password: decodeURIComponent(url.password),
          database: url.pathname.slice(1),
          charset: 'utf8mb4',
          timezone: 'Z',
          dateStrings: true,
          supportBigNumbers: true,
          jsonStrings,
          connectionLimit,
          queueLimit: QUEUE_LIMIT,
          connectTimeout: CONNECT_TIMEOUT_MILLISECONDS,
          enableKeepAlive: true,
        }),
    }
    super(config)
    this.#config = config
  }

  override createDriver(): GuardedMysqlDriver {
    return new GuardedMysqlDriver(this.#config)
  }
}
