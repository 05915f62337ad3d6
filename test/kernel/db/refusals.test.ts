import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeadlockException } from '@mikro-orm/core'
import { expect, test, vi } from 'vitest'
import { engineOf, openDatabase, transactional } from '#kernel/db/database.ts'
import { toDatabaseRefusal } from '#kernel/db/errors.ts'
import { refusalAnswer } from '#kernel/serve/answers.ts'
import { KERNEL_ENTITIES } from '#kernel/service/kernel-entities.ts'
import { openSqlite, silentLog } from '../../kit/database.ts'

const open = (url: string) =>
  openDatabase({
    name: 'test-refusals',
    url,
    entities: KERNEL_ENTITIES,
    migrations: { sqlite: 'var/none', mysql: 'var/none' },
    log: silentLog,
  })

test.each([
  ['sqlite:var/x.sqlite', 'sqlite'],
  ['mariadb://root@127.0.0.1/x', 'mariadb'],
  ['mysql://root@127.0.0.1/x', 'mysql'],
])('the URL %s means %s', (url, engine) => {
  expect(engineOf(url)).toBe(engine)
})

test.each(['sqlite:', 'postgres://127.0.0.1/x', 'identity.sqlite', ''])(
  'the URL "%s" answers DATABASE_URL_INVALID',
  async (url) => {
    await expect(open(url)).rejects.toMatchObject({ code: 'DATABASE_URL_INVALID' })
  },
)

test('a file in a folder that is not there answers DATABASE_UNREACHABLE, with its cause', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-refusals-'))
  await expect(open(`sqlite:${join(folder, 'missing', 'x.sqlite')}`)).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    extensions: { database: 'test-refusals' },
    cause: expect.any(Error),
  })
  await rm(folder, { recursive: true })
})

const listening = (server: Server) =>
  new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })

test('a server that hangs up answers DATABASE_UNREACHABLE', async () => {
  const server = createServer((socket) => socket.destroy())
  const port = await listening(server)
  await expect(open(`mariadb://root@127.0.0.1:${port}/x`)).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
  })
  server.close()
})

test.each([
  [{ code: 'ECONNREFUSED', errno: -111 }, 'DATABASE_UNREACHABLE'],
  [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'DATABASE_UNREACHABLE'],
  [{ code: 'ER_CON_COUNT_ERROR', errno: 1040 }, 'DATABASE_UNREACHABLE'],
  [{ code: 'ER_SERVER_SHUTDOWN', errno: 1053 }, 'DATABASE_UNREACHABLE'],
  [{ code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290 }, 'DATABASE_UNREACHABLE'],
  [{ errno: 1927 }, 'DATABASE_UNREACHABLE'],
  [{ code: 'ER_LOCK_DEADLOCK', errno: 1213 }, 'DATABASE_BUSY'],
  [{ code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 }, 'DATABASE_BUSY'],
  [{ code: 'ER_RECORD_FILE_FULL', errno: 1114 }, 'DATABASE_FULL'],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 13 }, 'DATABASE_FULL'],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 778 }, 'DATABASE_FULL'],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 517 }, 'DATABASE_BUSY'],
])('a driver’s failure %j is told as %s, with 503 on whatever route', (failure, code) => {
  const raised = Object.assign(new Error('of the driver'), failure)
  expect(toDatabaseRefusal(raised)).toMatchObject({ code, cause: raised })
  expect(refusalAnswer(raised, 401).status).toBe(503)
})

test.each([
  { code: 'ER_DUP_ENTRY', errno: 1062 },
  { code: 'ER_PARSE_ERROR', errno: 1064 },
  { code: 'ERR_SQLITE_ERROR', errcode: 2067 },
])('a driver’s failure %j is no outage', (failure) => {
  const raised = Object.assign(new Error('of the driver'), failure)
  expect(toDatabaseRefusal(raised)).toBeNull()
  expect(() => refusalAnswer(raised, 401)).toThrow(raised)
})

test('a lost connection is known by its code however the driver wraps it', () => {
  const lost = Object.assign(new Error('read'), { code: 'ECONNRESET' })
  expect(toDatabaseRefusal(lost)).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  expect(toDatabaseRefusal(new Error('a bug'))).toBeNull()
})

test('work that meets a deadlock is tried again; eight deadlocks answer DATABASE_BUSY', async () => {
  await using database = await openSqlite(KERNEL_ENTITIES)
  const deadlock = () => new DeadlockException(new Error('locked'))
  let tries = 0
  const third = transactional(database.acrossTenants(), async () => {
    tries += 1
    if (tries < 3) throw deadlock()
    return 'done'
  })
  expect([await third, tries]).toEqual(['done', 3])
  tries = 0
  const never = transactional(database.acrossTenants(), async () => {
    tries += 1
    throw deadlock()
  })
  await expect(never).rejects.toMatchObject({ code: 'DATABASE_BUSY' })
  expect(tries).toBe(8)
})

test('who waits ten seconds for the one connection of SQLite is told DATABASE_BUSY', async () => {
  await using database = await openSqlite(KERNEL_ENTITIES)
  const entered = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const holding = transactional(database.acrossTenants(), async () => {
    entered.resolve()
    await held.promise
  })
  await entered.promise
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const waiting = transactional(database.acrossTenants(), async () => 'never')
  const refused = expect(waiting).rejects.toThrow('The database is busy.')
  await vi.advanceTimersByTimeAsync(10_001)
  vi.useRealTimers()
  await refused
  held.resolve()
  await holding
})
