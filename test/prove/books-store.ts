import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Connection, createConnection } from 'mysql2/promise'

export const DOMAINS = ['identity', 'tenancy', 'ai', 'compliance', 'analytics'] as const
export type Domain = (typeof DOMAINS)[number]

/** A row as text: neither engine rounds a number on its way. */
export type Row = Readonly<Record<string, string | null>>

/** The databases of a platform, read past it. */
export type Store = AsyncDisposable & {
  /** Reads whole rows. */
  ask: (domain: Domain, sql: string) => Promise<Row[]>
  /** Does something behind the platform's back, looks, and takes it back. */
  supposing: <Result>(
    fault: { domain: Domain; sql: string },
    look: () => Promise<Result>,
  ) => Promise<Result>
}

/** Where the databases of a platform are. */
export type Place =
  | { engine: 'SQLite'; folder: string }
  | { engine: 'MariaDB'; urls: Readonly<Partial<Record<Domain, string>>> }

type Connected = {
  ask: (sql: string) => Promise<Record<string, unknown>[]>
  run: (sql: string) => Promise<unknown>
  close: () => Promise<void>
}

const toText = (value: unknown): string | null => {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function openSqliteFile(path: string): Connected {
  const database = new DatabaseSync(path)
  database.exec('pragma busy_timeout = 10000')
  return {
    ask: async (sql) => {
      const statement = database.prepare(sql)
      statement.setReadBigInts(true)
      return statement.all()
    },
    run: async (sql) => database.exec(sql),
    close: async () => database.close(),
  }
}

async function openMariadbUrl(url: string): Promise<Connected> {
  const connection: Connection = await createConnection({
    uri: url.replace(/^mariadb/, 'mysql'),
    supportBigNumbers: true,
    bigNumberStrings: true,
    decimalNumbers: false,
    dateStrings: true,
    jsonStrings: true,
  })
  return {
    ask: async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[],
    run: (sql) => connection.query(sql),
    close: () => connection.end(),
  }
}

const urlOf = (urls: Readonly<Partial<Record<Domain, string>>>, domain: Domain): string => {
  const url = urls[domain]
  if (url === undefined) throw new Error(`${domain} has no database`)
  return url
}

const open = (place: Place, domain: Domain): Connected | Promise<Connected> =>
  place.engine === 'SQLite'
    ? openSqliteFile(join(place.folder, `${domain}.sqlite`))
    : openMariadbUrl(urlOf(place.urls, domain))

/** Opens the databases of a platform, all or some; each must exist. */
export async function openStore(
  place: Place,
  domains: readonly Domain[] = DOMAINS,
): Promise<Store> {
  const opened = await Promise.all(
    domains.map(async (domain) => [domain, await open(place, domain)] as const),
  )
  const all = new Map(opened)
  const of = (domain: Domain): Connected => {
    const connected = all.get(domain)
    if (!connected) throw new Error(`${domain} has no database`)
    return connected
  }
  return {
    ask: async (domain, sql) => {
      const rows = await of(domain).ask(sql)
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toText(value)])),
      )
    },
    supposing: async ({ domain, sql }, look) => {
      const { run } = of(domain)
      await run('begin')
      try {
        await run(sql)
        return await look()
      } finally {
        await run('rollback')
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...all.values()].map(({ close }) => close()))
    },
  }
}

/** What guards rows against change is in the way of whoever plants faults in a copy. */
async function dropSqliteTriggers(path: string): Promise<void> {
  const copy = openSqliteFile(path)
  const triggers = await copy.ask(`select name from sqlite_master where type = 'trigger'`)
  for (const { name } of triggers) await copy.run(`drop trigger "${name}"`)
  await copy.close()
}

async function copySqlite(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const domain of DOMAINS) {
    const source = openSqliteFile(join(from, `${domain}.sqlite`))
    const path = join(to, `${domain}.sqlite`)
    await source.run(`vacuum into '${path}'`)
    await source.close()
    await dropSqliteTriggers(path)
  }
}

const nameOf = (url: string) => new URL(url).pathname.slice(1)

async function copyMariadb(from: string, to: string): Promise<void> {
  const copy = await openMariadbUrl(to)
  const source = nameOf(from)
  const tables = await copy.ask(
    `select table_name as name from information_schema.tables where table_schema = '${source}'`,
  )
  for (const { name } of tables) {
    // `like` leaves triggers behind, which are in the way of whoever plants faults in a copy.
    await copy.run(`create table \`${name}\` like ${source}.\`${name}\``)
    await copy.run(`insert into \`${name}\` select * from ${source}.\`${name}\``)
  }
  await copy.close()
}

/** Copies all rows of a platform that has stopped to empty databases, without triggers. */
export async function copyBooks(from: Place, to: Place): Promise<void> {
  if (from.engine === 'SQLite' && to.engine === 'SQLite') return copySqlite(from.folder, to.folder)
  if (from.engine === 'SQLite' || to.engine === 'SQLite') throw new Error('two engines')
  for (const domain of DOMAINS) {
    await copyMariadb(urlOf(from.urls, domain), urlOf(to.urls, domain))
  }
}
