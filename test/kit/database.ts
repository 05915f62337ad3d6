import { randomBytes } from 'node:crypto'
import type { EntityClass } from '@mikro-orm/core'
import { createConnection } from 'mysql2/promise'
import { type Database, openDatabase } from '#kernel/db/database.ts'
import { createLog } from '#kernel/log.ts'

/** Where the test services run; `npm run test:services` starts them. */
export const MARIADB_URL = process.env.TEST_MARIADB_URL ?? 'mariadb://root:@127.0.0.1:3306'

export const silentLog = createLog({ level: 'silent', name: 'test' })

export type TestDatabase = Database & AsyncDisposable

export type TestDatabaseOptions = {
  platformRowsVisible?: readonly EntityClass<object>[]
  /** A file instead of memory, SQLite only. */
  path?: string
}

/** A database as it stands, such as from another process. */
export const openUrl = (
  url: string,
  entities: readonly EntityClass<object>[],
  { platformRowsVisible = [] }: TestDatabaseOptions = {},
): Promise<Database> =>
  openDatabase({
    name: `test-${randomBytes(4).toString('hex')}`,
    url,
    entities,
    platformRowsVisible,
    migrations: { sqlite: 'var/none', mysql: 'var/none' },
    log: silentLog,
  })

async function openWithSchema(
  url: string,
  entities: readonly EntityClass<object>[],
  options: TestDatabaseOptions,
): Promise<Database> {
  const database = await openUrl(url, entities, options)
  await database.orm.schema.create()
  return database
}

/** A fresh SQLite database, in memory unless a path is given, with the tables of `entities`. */
export async function openSqlite(
  entities: readonly EntityClass<object>[],
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const url = `sqlite:${options.path ?? ':memory:'}`
  const database = await openWithSchema(url, entities, options)
  return { ...database, [Symbol.asyncDispose]: () => database.close() }
}

async function onServer(server: string, statement: string): Promise<void> {
  const { hostname, port, username, password } = new URL(server)
  const connection = await createConnection({
    host: hostname,
    port: port === '' ? 3306 : Number(port),
    user: username,
    password,
  })
  try {
    await connection.query(statement)
  } finally {
    await connection.end()
  }
}

/** An empty MariaDB database, dropped when disposed; on the server of the tests by default. */
export async function emptyMariadb(
  server: string = MARIADB_URL,
): Promise<AsyncDisposable & { url: string }> {
  const name = `dbsbm_test_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name} character set utf8mb4 collate utf8mb4_bin`)
  return {
    url: `${server.replace(/\/$/, '')}/${name}`,
    [Symbol.asyncDispose]: () => onServer(server, `drop database ${name}`),
  }
}

/** What `open` makes on an empty MariaDB database; both go when it is disposed. */
export async function onMariadb<World extends object>(
  open: (url: string) => Promise<World>,
  close: (world: World) => PromiseLike<void>,
): Promise<World & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const { url } = stack.use(await emptyMariadb())
  const world = stack.adopt(await open(url), close)
  const kept = stack.move()
  return { ...world, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** A fresh MariaDB database with the tables of `entities`, dropped when disposed. */
export const openMariadb = (
  entities: readonly EntityClass<object>[],
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> =>
  onMariadb(
    (url) => openWithSchema(url, entities, options),
    (database) => database.close(),
  )

/** A fresh MariaDB database as two processes see it, each with a pool of its own. */
export const openMariadbTwice = (entities: readonly EntityClass<object>[]) =>
  onMariadb(
    async (url) => ({
      url,
      left: await openWithSchema(url, entities, {}),
      right: await openUrl(url, entities),
    }),
    async ({ left, right }) => void (await Promise.all([left.close(), right.close()])),
  )
