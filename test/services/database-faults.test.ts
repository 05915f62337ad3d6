import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  transactional,
} from '#kernel/db/database.ts'
import { createDatabaseClock } from '#kernel/db/database-clock.ts'
import { asRefusal } from '#kernel/db/errors.ts'
import { migrate } from '#kernel/db/migrations.ts'
import { openWhenReachable } from '#kernel/db/open-when-reachable.ts'
import { createLog } from '#kernel/log.ts'
import { untilAnswer } from '../federation/world.ts'
import { Stake } from '../kernel/db/database-suite.ts'
import { freePort } from '../kit/free-port.ts'
import { type OwnMariadb, startOwnMariadb } from '../kit/own-mariadb.ts'
import { type Fate, startTcpProxy } from '../kit/tcp-proxy.ts'

let server: OwnMariadb
let migrations: string
beforeAll(async () => {
  server = await startOwnMariadb({ isDurable: true })
  migrations = await mkdtemp(join(tmpdir(), 'dbsbm-migrations-'))
}, 60_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(migrations, { recursive: true })
})

type Line = { level: number; msg: string; reason?: string; err?: { code?: string } }
let made = 0

/** A database of the server's, with its lines of the log. */
async function world(options: Partial<DatabaseOptions> & { port?: number } = {}) {
  const { port = server.port, ...given } = options
  const name = `faults_${++made}`
  await server.run(`create database ${name} character set utf8mb4 collate utf8mb4_bin`)
  const lines: Line[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) }
  const all: DatabaseOptions = {
    name,
    url: `mariadb://root:@127.0.0.1:${port}/${name}`,
    entities: [Stake],
    migrations: { sqlite: 'var/none', mysql: 'var/none' },
    log: createLog({ level: 'info', name: 'test', destination }),
    ...given,
  }
  return { name, options: all, said: () => lines.map(({ msg }) => msg), lines }
}

/** The same, opened, with the table of stakes. */
async function opened(given: Partial<DatabaseOptions> & { port?: number } = {}) {
  const made = await world(given)
  const database = await openDatabase(made.options)
  await database.orm.schema.create()
  return { ...made, database, [Symbol.asyncDispose]: () => database.close() }
}

const put = (database: Database, code: string, meanwhile?: () => unknown) =>
  transactional(database.acrossTenants(), async (tx) => {
    const row = { tenantId: '1', guildId: null, code, amount: 1n, at: new Date(0) }
    tx.create(Stake, row)
    await tx.flush()
    await meanwhile?.()
    tx.create(Stake, { ...row, code: `${code}-2` })
    await tx.flush()
  })

const codes = async (database: Database) =>
  (await database.acrossTenants().find(Stake, {}, { orderBy: { id: 'asc' } })).map(
    ({ code }) => code,
  )

/** The code that a failure is told as, and after how long. */
async function refusal(work: Promise<unknown>): Promise<{ code: string; ms: number }> {
  const since = performance.now()
  const code = await work.then(
    () => 'nothing was refused',
    (failure: unknown) => asRefusal(failure)?.code ?? String(failure),
  )
  return { code, ms: performance.now() - since }
}

test('a server that refuses is told at once, and one that is not there yet is waited for', async () => {
  const port = await freePort()
  const { options, said, lines } = await world({ port })
  expect(await refusal(openDatabase(options))).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  const stop = new AbortController()
  const opening = openWhenReachable(options, { signal: stop.signal })
  await untilAnswer(
    async () => said(),
    (all) => all.includes('waiting for the database'),
  )
  stop.abort(new Error('stopped'))
  await expect(opening).rejects.toThrow('stopped')
  expect(lines.find(({ reason }) => reason)).toMatchObject({ level: 40, reason: 'ECONNREFUSED' })
})

test('a database that is created later is waited for; a wrong password is told at once', async () => {
  const { options, name, said } = await world()
  await server.run(`drop database ${name}`)
  const opening = openWhenReachable(options, { signal: new AbortController().signal })
  await untilAnswer(
    async () => said(),
    (all) => all.includes('waiting for the database'),
  )
  await server.run(`create database ${name}`)
  const database = await opening
  await database.close()
  expect(said()).toContain('the database is there')
  await server.run(`create user teller identified by 'right'`)
  const url = options.url.replace('root:', 'teller:wrong')
  const denied = openWhenReachable({ ...options, url }, { signal: new AbortController().signal })
  await expect(denied).rejects.toMatchObject({ code: 'DATABASE_ACCESS_DENIED' })
})

test('a statement that hangs ends in its time, and its connection is not used again', async () => {
  await using proxy = await startTcpProxy(server.port)
  await using opening = await opened({ port: proxy.port, timeoutMs: 1_000, connectionLimit: 1 })
  const { database } = opening
  proxy.fateOf = (piece) => (piece.includes('update') ? 'swallow' : 'pass')
  const update = updateWhere(database.acrossTenants(), Stake, {
    where: { code: 'x' },
    set: { amount: 2n },
  })
  const { code, ms } = await refusal(update)
  expect(code).toBe('DATABASE_UNREACHABLE')
  expect(ms).toBeLessThan(2_500)
  proxy.fateOf = () => 'pass'
  await put(database, 'after')
  expect(await codes(database)).toEqual(['after', 'after-2'])
})

test('a server that hangs is told by ping in two seconds, and its return is noticed', async () => {
  await using opening = await opened({ timeoutMs: 2_000 })
  const { database } = opening
  await server.freeze()
  try {
    const [ping, read] = await Promise.all([
      refusal(database.ping()),
      refusal(codes(database)),
      refusal(database.ping()),
    ])
    expect([ping?.code, read?.code]).toEqual(['DATABASE_UNREACHABLE', 'DATABASE_UNREACHABLE'])
    expect(ping?.ms).toBeLessThan(3_000)
    expect(read?.ms).toBeLessThan(5_000)
  } finally {
    server.thaw()
  }
  await database.ping()
  expect(await codes(database)).toEqual([])
})

test('whoever waits too long for a connection is refused, and the others go on', async () => {
  await using opening = await opened({ timeoutMs: 1_000, connectionLimit: 1 })
  const { database } = opening
  const held = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const holding = put(database, 'held', () => {
    entered.resolve()
    return held.promise
  })
  await entered.promise
  const waiting = await refusal(codes(database))
  expect(waiting.code).toBe('DATABASE_UNREACHABLE')
  expect(waiting.ms).toBeLessThan(2_500)
  await database.ping()
  held.resolve()
  await holding
  expect(await codes(database)).toEqual(['held', 'held-2'])
})

test('a connection lost in mid-transaction leaves nothing half written: it is tried again whole', async () => {
  await using proxy = await startTcpProxy(server.port)
  await using opening = await opened({ port: proxy.port })
  const { database } = opening
  let tries = 0
  await put(database, 'moved', () => {
    tries += 1
    if (tries === 1) proxy.cut()
  })
  expect(tries).toBe(2)
  expect(await codes(database)).toEqual(['moved', 'moved-2'])
  const never = put(database, 'gone', () => proxy.cut())
  expect((await refusal(never)).code).toBe('DATABASE_UNREACHABLE')
  expect(await codes(database)).toEqual(['moved', 'moved-2'])
})

test.each<{ fate: Fate; stands: string[] }>([
  { fate: 'lose', stands: [] },
  { fate: 'lose-answer', stands: ['x', 'x-2'] },
  { fate: 'swallow', stands: [] },
])('a commit whose connection fails ($fate) is unknown, and never tried again', async (row) => {
  await using proxy = await startTcpProxy(server.port)
  await using opening = await opened({ port: proxy.port, timeoutMs: 1_000 })
  const { database } = opening
  let commits = 0
  proxy.fateOf = (piece) => {
    if (!piece.includes('commit')) return 'pass'
    commits += 1
    return row.fate
  }
  expect((await refusal(put(database, 'x'))).code).toBe('DATABASE_OUTCOME_UNKNOWN')
  expect(commits).toBe(1)
  expect(await codes(database)).toEqual(row.stands)
})

test('a server that is away for a moment fails no read and no transaction of a warm pool', async () => {
  await using proxy = await startTcpProxy(server.port)
  await using opening = await opened({ port: proxy.port, connectionLimit: 4 })
  const { database, said } = opening
  const reads = () => Promise.all(Array.from({ length: 8 }, () => codes(database)))
  await reads()
  await proxy.refuse()
  const meanwhile = Promise.all([reads(), put(database, 'during')])
  await untilAnswer(
    async () => said(),
    (all) => all.includes('the database cannot be reached'),
  )
  await proxy.accept()
  await meanwhile
  expect(await codes(database)).toEqual(['during', 'during-2'])
  expect(said()).toContain('the database is back')
})

test('a server that was killed and started again fails nothing of a pool that was warm before', async () => {
  await using opening = await opened({ connectionLimit: 4 })
  const { database } = opening
  await put(database, 'before')
  const reads = () => Promise.all(Array.from({ length: 8 }, () => codes(database)))
  await reads()
  await server.kill()
  expect((await refusal(database.ping())).code).toBe('DATABASE_UNREACHABLE')
  await server.start()
  for (const read of await reads()) expect(read).toEqual(['before', 'before-2'])
  await put(database, 'after')
  await database.ping()
})

test('a server that is read only for a while refuses writes as not there, and reads go on', async () => {
  await using opening = await opened()
  const { name, options } = opening
  await put(opening.database, 'before')
  await server.run(`create user clerk`)
  await server.run(`grant select, insert, update, delete on ${name}.* to clerk`)
  const url = options.url.replace('root:', 'clerk:')
  const database = await openDatabase({ ...options, url, connectionLimit: 1 })
  const used = () => database.orm.em.getConnection().execute('select connection_id() as id')
  const before = await used()
  await server.run('set global read_only = 1')
  expect((await refusal(put(database, 'no'))).code).toBe('DATABASE_UNREACHABLE')
  // Another connection may lead to the server that took over.
  expect(await used()).not.toEqual(before)
  expect(await codes(database)).toEqual(['before', 'before-2'])
  await server.run('set global read_only = 0')
  await put(database, 'again')
  await database.close()
})

test('a server without room is told by ping and the log, while reads go on', async () => {
  await using opening = await opened()
  const { database, lines } = opening
  const { orm } = database
  const run = (sql: string) => orm.em.fork().getConnection().execute(sql)
  // A table in memory has an end, and the server says of it what it says of a disk (1114).
  await run('create table small (text varchar(250)) engine = memory')
  await run(`insert into small values ${Array.from({ length: 100 }, () => "('x')").join()}`)
  const fill = async () => {
    for (;;) await run('insert into small select * from small')
  }
  expect(await refusal(fill())).toMatchObject({ code: 'DATABASE_FULL' })
  expect(await refusal(database.ping())).toMatchObject({ code: 'DATABASE_FULL' })
  expect(await codes(database)).toEqual([])
  const told = lines.filter(({ msg }) => msg === 'the database has no room left')
  expect(told).toMatchObject([{ level: 50 }])
})

test('in a storm of deadlocks each transfer is made whole or told as busy; so is a lock held too long', async () => {
  await using opening = await opened({ timeoutMs: 2_000, connectionLimit: 8 })
  const { database } = opening
  await put(database, 'a')
  const move = (order: readonly string[]) =>
    transactional(database.acrossTenants(), async (tx) => {
      for (const code of order) {
        await updateWhere(tx, Stake, { where: { code }, add: { amount: 1n } })
      }
    })
  const both = ['a', 'a-2']
  const moves = Array.from({ length: 40 }, (_, at) => move(at % 2 ? both : both.toReversed()))
  const told = await Promise.all(moves.map(async (one) => (await refusal(one)).code))
  const isMade = (code: string) => code === 'nothing was refused'
  const busy = told.filter((code) => !isMade(code))
  expect(busy).toEqual(busy.map(() => 'DATABASE_BUSY'))
  expect(busy.length).toBeLessThan(10)
  const rows = await database.acrossTenants().find(Stake, {})
  const sum = BigInt(1 + told.filter(isMade).length)
  expect(rows.map(({ amount }) => amount)).toEqual([sum, sum])
  const held = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const holding = transactional(database.acrossTenants(), async (tx) => {
    await updateWhere(tx, Stake, { where: { code: 'a' }, set: { amount: 0n } })
    entered.resolve()
    await held.promise
  })
  await entered.promise
  const late = updateWhere(database.acrossTenants(), Stake, {
    where: { code: 'a' },
    set: { amount: 1n },
  })
  expect((await refusal(late)).code).toBe('DATABASE_BUSY')
  held.resolve()
  await holding
})

const MIGRATION = import.meta.resolve('@mikro-orm/migrations')

/** A folder with migrations of these statements. */
async function migrationsOf(folder: string, statements: readonly string[]) {
  const path = await mkdtemp(join(migrations, folder))
  for (const [at, sql] of statements.entries()) {
    const name = `Migration2026010100000${at}`
    const up = `async up() { for (const sql of ${JSON.stringify(sql.split(';'))}) this.addSql(sql) }`
    const text = `import { Migration } from '${MIGRATION}'\nexport class ${name} extends Migration { ${up} }\n`
    await writeFile(join(path, `${name}.ts`), text)
  }
  return { sqlite: path, mysql: path }
}

const OLDER = ['create table things (id int primary key);do sleep(0.3)']
const NEWER = [...OLDER, 'alter table things add column name varchar(10) null']

test('two processes that start at once migrate one after the other, each migration once', async () => {
  const { options } = await world({ migrations: await migrationsOf('newer', NEWER) })
  const both = await Promise.all([openDatabase(options), openDatabase(options)])
  const reports = await Promise.all(both.map((database) => migrate(database)))
  expect(reports.map(({ applied }) => applied.length).sort()).toEqual([0, 2])
  await Promise.all(both.map((database) => database.close()))
})

test('whoever waits too long for another process that migrates is told DATABASE_MIGRATION_LOCKED', async () => {
  const { options, name } = await world({ migrations: await migrationsOf('older', OLDER) })
  const holder = await openDatabase({ ...options, connectionLimit: 1 })
  const lock = `select get_lock('dbsbm migrate ${name}', 0)`
  await holder.orm.em.getConnection().execute(lock)
  const late = await openDatabase(options)
  const { code } = await refusal(migrate(late, { lockWaitMs: 0 }))
  expect(code).toBe('DATABASE_MIGRATION_LOCKED')
  await holder.close()
  expect((await migrate(late)).applied).toHaveLength(1)
  await late.close()
})

test('a process of the version before opens a database that is newer than it, also without the right to migrate', async () => {
  const { options, name } = await world({ migrations: await migrationsOf('newer', NEWER) })
  const { signal } = new AbortController()
  const newer = await openWhenReachable(options, { signal })
  expect(await server.run(`select name from ${name}.things`)).toEqual([])
  await server.run('create user server_only')
  await server.run(`grant select, insert, update, delete on ${name}.* to server_only`)
  const url = options.url.replace('root:', 'server_only:')
  const older = { ...options, migrations: await migrationsOf('older', OLDER) }
  for (const given of [older, { ...older, url }, { ...options, url }]) {
    const database = await openWhenReachable(given, { signal })
    expect(await migrate(database)).toMatchObject({ applied: [] })
    await database.close()
  }
  await newer.close()
  const next = await migrationsOf('next', [...NEWER, 'create table more (id int primary key)'])
  const refused = openWhenReachable({ ...options, url, migrations: next }, { signal })
  await expect(refused).rejects.toThrow(/CREATE command denied/)
})

test('a migration of a table that somebody uses keeps others from it for moments only, and is made', async () => {
  const tables = ['create table things (id int primary key)']
  const { options } = await world({ migrations: await migrationsOf('older', tables) })
  const database = await openDatabase(options)
  await migrate(database)
  const changed = [...tables, 'alter table things add column name varchar(10) null']
  const newer = await openDatabase({ ...options, migrations: await migrationsOf('newer', changed) })
  const read = (em = database.acrossTenants()) => em.getConnection().execute('select * from things')
  const [held, entered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = transactional(database.acrossTenants(), async (tx) => {
    await tx.execute('select * from things')
    entered.resolve()
    await held.promise
  })
  await entered.promise
  const migrating = migrate(newer)
  const waits: number[] = []
  for (const end = performance.now() + 8_000; performance.now() < end; ) {
    const since = performance.now()
    await read()
    waits.push(performance.now() - since)
    await new Promise((resume) => setTimeout(resume, 100))
  }
  // Longer than a read takes, shorter than it may: it stood behind the migration and was let pass.
  expect(Math.max(...waits)).toBeGreaterThan(1_000)
  expect(Math.max(...waits)).toBeLessThan(6_000)
  held.resolve()
  await holding
  expect((await migrating).applied).toHaveLength(1)
  await Promise.all([database.close(), newer.close()])
})

test('processes whose clocks are two minutes apart agree on the time of their database', async () => {
  await using opening = await opened()
  const { database, options, lines } = opening
  const off = (ms: number) => ({ now: () => new Date(Date.now() + ms) })
  const [late, early, right] = [-120_000, 120_000, 400].map((ms) =>
    createDatabaseClock({ database, log: options.log, base: off(ms), refreshMilliseconds: 20 }),
  )
  if (!late || !early || !right) throw new Error('three clocks are made')
  await Promise.all([late.start(), early.start(), right.start()])
  expect(Math.abs(late.now().getTime() - early.now().getTime())).toBeLessThan(1_000)
  expect(Math.abs(late.offsetMs() - 120_000)).toBeLessThan(1_000)
  expect(right.offsetMs()).toBe(0)
  expect(lines.filter(({ msg }) => msg.startsWith('the clock follows'))).toHaveLength(2)
  await Promise.all([late.close(), early.close(), right.close()])
})

test('a clock that cannot ask starts all the same, and is moved when the database is back', async () => {
  await using proxy = await startTcpProxy(server.port)
  await using opening = await opened({ port: proxy.port, timeoutMs: 1_000 })
  const { database, options, said } = opening
  const base = { now: () => new Date(Date.now() - 120_000) }
  const clock = createDatabaseClock({ database, log: options.log, base, refreshMilliseconds: 20 })
  proxy.fateOf = (piece) => (piece.includes('utc_timestamp') ? 'swallow' : 'pass')
  await clock.start()
  expect([clock.offsetMs(), said().includes('the database told no time')]).toEqual([0, true])
  proxy.fateOf = () => 'pass'
  await untilAnswer(
    async () => clock.offsetMs(),
    (offsetMs) => offsetMs > 119_000,
  )
  await clock.close()
})
