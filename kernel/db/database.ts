import { randomInt } from 'node:crypto'
import {
  DeadlockException,
  type EntityClass,
  LockWaitTimeoutException,
  MikroORM,
  type Options,
} from '@mikro-orm/core'
import { Migrator } from '@mikro-orm/migrations'
import type { SqlEntityManager } from '@mikro-orm/sql'
import type { Reach } from '../auth/viewer.ts'
import { isDomainError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { databaseError } from './errors.ts'
import { FlushGuard } from './flush-guard.ts'
import { NodeSqliteDialect } from './sqlite-dialect.ts'
import { BindingSqliteDriver } from './sqlite-driver.ts'
import { createTenantFilter, setReach } from './tenant-filter.ts'
import {
  leaveTransactionScope,
  refuseNestedConnection,
  runInTransactionScope,
} from './transaction-scope.ts'

export type { SqlEntityManager } from '@mikro-orm/sql'

export type Engine = 'sqlite' | 'mariadb' | 'mysql'

export type DatabaseOptions = {
  /** The subgraph whose database it is. */
  name: string
  /** `sqlite:<path>`, `sqlite::memory:`, `mariadb://…` or `mysql://…` */
  url: string
  entities: readonly EntityClass<object>[]
  /** Entities whose rows without tenant are visible to every reach, such as roles. */
  platformRowsVisible?: readonly EntityClass<object>[]
  /** Folders of the migrations, one for each dialect. */
  migrations: { sqlite: string; mysql: string }
  log: Logger
  /** Connections at most, MariaDB and MySQL only. */
  connectionLimit?: number
}

export type Database = Awaited<ReturnType<typeof openDatabase>>

const DEADLOCK_TRIES = 8
const DEADLOCK_PAUSE_MILLISECONDS = 5

/** Resolves a database URL to its engine, once, at the edge. @throws DATABASE_URL_INVALID */
export function engineOf(url: string): Engine {
  if (/^sqlite:.+/.test(url)) return 'sqlite'
  const scheme = URL.canParse(url) ? new URL(url).protocol : ''
  if (scheme === 'mariadb:') return 'mariadb'
  if (scheme === 'mysql:') return 'mysql'
  throw databaseError('DATABASE_URL_INVALID')
}

/** What an engine needs. A server's driver is loaded when it is used: the embedded run starts sooner without. */
async function driverOptions(
  engine: Engine,
  url: string,
  connectionLimit: number,
): Promise<Partial<Options>> {
  if (engine === 'sqlite') {
    const path = url.slice('sqlite:'.length)
    return { driver: BindingSqliteDriver, dbName: path, driverOptions: new NodeSqliteDialect(path) }
  }
  const target = new URL(url)
  const jsonStrings = engine === 'mariadb'
  const { PooledMysqlDialect } = await import('./mysql-dialect.ts')
  const driver =
    engine === 'mariadb'
      ? (await import('@mikro-orm/mariadb')).MariaDbDriver
      : (await import('@mikro-orm/mysql')).MySqlDriver
  return {
    driver,
    dbName: target.pathname.slice(1),
    driverOptions: new PooledMysqlDialect({ url: target, jsonStrings, connectionLimit }),
  }
}

async function ormOptions(options: DatabaseOptions, engine: Engine): Promise<Options> {
  const visible = new Set((options.platformRowsVisible ?? []).map((entity) => entity.name))
  return {
    ...(await driverOptions(engine, options.url, options.connectionLimit ?? 10)),
    entities: [...options.entities],
    extensions: [Migrator],
    migrations: {
      path: engine === 'sqlite' ? options.migrations.sqlite : options.migrations.mysql,
      snapshot: false,
      disableForeignKeys: false,
      transactional: true,
      allOrNothing: engine === 'sqlite',
      emit: 'ts',
    },
    // Written by hand into migrations (append-only tables): a generated one would drop them.
    schemaGenerator: { ignoreTriggers: true },
    filters: { tenant: createTenantFilter(visible) },
    // One transaction context per database: five of them live in one process.
    contextName: options.name,
    subscribers: [new FlushGuard()],
    metadataCache: { enabled: false },
    charset: 'utf8mb4',
    // Codes, hashes and key ids differ by case; MariaDB's default collation would not see it.
    collate: 'utf8mb4_bin',
    forceUtcTimezone: true,
    allowGlobalContext: false,
    validateRequired: true,
    // Plain ids instead of relations: nothing is loaded that was not asked for.
    autoJoinRefsForFilters: false,
    logger: (message) => options.log.debug(message),
  } as Options
}

function isRetriable(failure: unknown): boolean {
  return failure instanceof DeadlockException || failure instanceof LockWaitTimeoutException
}

/** One try of a transaction on a fresh fork that sees what `em` sees. */
async function tryTransaction<Result>(
  em: SqlEntityManager,
  work: (tx: SqlEntityManager) => Promise<Result>,
): Promise<Result> {
  const fork = em.fork({ clear: true })
  let hooks: readonly (() => void | Promise<void>)[] = []
  const result = await fork.transactional(async (tx) => {
    const inside = await runInTransactionScope(() => work(tx as SqlEntityManager))
    hooks = inside.afterCommit
    return inside.result
  })
  for (const hook of hooks) await leaveTransactionScope(hook)
  return result
}

/**
 * Runs `work` in one transaction on a fork of its own; what it reads it must read inside. A deadlock
 * is tried again, at most eight times in all.
 * @throws DATABASE_NESTED_FORK when called inside another transaction, DATABASE_BUSY when every try deadlocked
 */
export async function transactional<Result>(
  em: SqlEntityManager,
  work: (tx: SqlEntityManager) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryTransaction(em, work)
    } catch (failure) {
      if (!isRetriable(failure)) throw failure
      if (tries === DEADLOCK_TRIES) throw databaseError('DATABASE_BUSY', {}, { cause: failure })
      const pause = DEADLOCK_PAUSE_MILLISECONDS * randomInt(1, 2 ** tries)
      await new Promise((resume) => setTimeout(resume, pause))
    }
  }
}

async function connect(options: DatabaseOptions, engine: Engine): Promise<MikroORM> {
  const orm = await MikroORM.init(await ormOptions(options, engine))
  await orm.connect()
  const check = await orm.checkConnection()
  if (check.ok) return orm
  await orm.close(true)
  throw databaseError('DATABASE_UNREACHABLE', { database: options.name }, { cause: check.error })
}

/** Opens a subgraph's database. @throws DATABASE_URL_INVALID, DATABASE_UNREACHABLE */
export async function openDatabase(options: DatabaseOptions) {
  const engine = engineOf(options.url)
  const orm = await connect(options, engine).catch((cause: unknown) => {
    if (isDomainError(cause)) throw cause
    throw databaseError('DATABASE_UNREACHABLE', { database: options.name }, { cause })
  })
  const fork = (reach: Reach): SqlEntityManager => {
    refuseNestedConnection()
    const em = orm.em.fork({ clear: true }) as SqlEntityManager
    setReach(em, reach)
    return em
  }
  return {
    name: options.name,
    engine,
    orm,
    /** A fresh unit of work that sees and writes the rows of `reach` alone. */
    fork,
    /** A fresh unit of work for the platform's own tasks: the filter and the guard are lifted. */
    acrossTenants: (): SqlEntityManager => fork({ kind: 'platform' }),
    /** Answers within the pool's time-out, or throws DATABASE_UNREACHABLE. */
    ping: async (): Promise<void> => {
      const check = await orm.checkConnection()
      if (!check.ok) throw databaseError('DATABASE_UNREACHABLE', { database: options.name })
    },
    close: (): Promise<void> => orm.close(true),
  }
}
