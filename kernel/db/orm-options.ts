import type { Options } from '@mikro-orm/core'
import { Migrator } from '@mikro-orm/migrations'
import type { DatabaseOptions, Engine } from './database.ts'
import { FlushGuard } from './flush-guard.ts'
import { NodeSqliteDialect } from './sqlite-dialect.ts'
import { BindingSqliteDriver } from './sqlite-driver.ts'
import { createTenantFilter } from './tenant-filter.ts'

/** How the ORM reaches a database. */
export type Reaching = {
  orm: Partial<Options>
  /** Resolves when the database itself answers; rejects in about `withinMs`. */
  probe: ((withinMs: number) => Promise<void>) | null
  /** Whether it refuses to write for want of room, SQLite only. */
  checkRoom: () => void
}

const DEFAULT_CONNECTIONS = 10
const DEFAULT_TIMEOUT_MS = 10_000

function reachSqlite({ url, log }: DatabaseOptions): Reaching {
  const path = url.slice('sqlite:'.length)
  const dialect = new NodeSqliteDialect(path, log)
  return {
    orm: { driver: BindingSqliteDriver, dbName: path, driverOptions: dialect },
    probe: null,
    checkRoom: () => dialect.checkRoom(),
  }
}

/** What an engine needs. A server's driver is loaded when it is used: the embedded run starts sooner without. */
export async function reach(options: DatabaseOptions, engine: Engine): Promise<Reaching> {
  if (engine === 'sqlite') return reachSqlite(options)
  const url = new URL(options.url)
  const { PooledMysqlDialect } = await import('./mysql-dialect.ts')
  const driver =
    engine === 'mariadb'
      ? (await import('@mikro-orm/mariadb')).MariaDbDriver
      : (await import('@mikro-orm/mysql')).MySqlDriver
  const dialect = new PooledMysqlDialect({
    url,
    jsonStrings: engine === 'mariadb',
    connectionLimit: options.connectionLimit ?? DEFAULT_CONNECTIONS,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    tableWaitMs: options.tableWaitMs,
    log: options.log,
  })
  return {
    orm: { driver, dbName: decodeURIComponent(url.pathname.slice(1)), driverOptions: dialect },
    probe: (withinMs) => dialect.probe(withinMs),
    checkRoom: () => undefined,
  }
}

/** The ORM's options for a database that is reached so. */
export function ormOptions(options: DatabaseOptions, engine: Engine, { orm }: Reaching): Options {
  const visible = new Set((options.platformRowsVisible ?? []).map((entity) => entity.name))
  return {
    ...orm,
    entities: [...options.entities],
    discovery: { warnWhenNoEntities: false },
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
