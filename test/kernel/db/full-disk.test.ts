import { expect, test, vi } from 'vitest'
import { type Database, transactional } from '#kernel/db/database.ts'
import { asRefusal } from '#kernel/db/errors.ts'
import { shown } from '../../federation/world.ts'
import { openSqlite } from '../../kit/database.ts'
import { PEOPLE, startPlatform } from '../../kit/platform.ts'
import { Stake } from './database-suite.ts'

const ask = async (database: Database, sql: string) => {
  const [row] = await database.orm.em.getConnection().execute<Record<string, number>[]>(sql)
  return Object.values(row ?? {})[0] ?? 0
}

/** The file may not grow any more: to SQLite that is a disk without room. */
const fill = async (database: Database) =>
  ask(database, `pragma max_page_count = ${await ask(database, 'pragma page_count')}`)
const makeRoom = (database: Database) => ask(database, 'pragma max_page_count = 100000')

const LONG = 'x'.repeat(50)
const put = (database: Database, codes: readonly string[]) =>
  transactional(database.acrossTenants(), async (tx) => {
    for (const code of codes) {
      tx.create(Stake, { tenantId: '1', guildId: null, code, amount: 1n, at: new Date(0) })
    }
    await tx.flush()
  })
const many = (name: string) =>
  Array.from({ length: 200 }, (_, at) => `${name}-${at}`.padEnd(50, LONG))
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (failure: unknown) => asRefusal(failure)?.code ?? String(failure),
  )

test('without room nothing is half written, what was stored is read, and with room it goes on', async () => {
  await using database = await openSqlite([Stake])
  await put(database, ['before'])
  await fill(database)
  // More of them than there are turns: a turn that was not given back would show.
  for (let tries = 0; tries < 3; tries++) {
    expect(await codeOf(put(database, many(`no-${tries}`)))).toBe('DATABASE_FULL')
  }
  expect(await codeOf(database.ping())).toBe('DATABASE_FULL')
  expect(await database.acrossTenants().count(Stake)).toBe(1)
  await makeRoom(database)
  await put(database, many('after'))
  expect(await database.acrossTenants().count(Stake)).toBe(201)
})

test('a transaction that SQLite has rolled back by itself gives its turn back', async () => {
  await using database = await openSqlite([Stake])
  await put(database, ['once'])
  const again = `insert or rollback into stakes (tenant_id, code, amount, at) values (1, 'once', 1, 0)`
  for (let tries = 0; tries < 2; tries++) {
    const failing = transactional(database.acrossTenants(), (tx) =>
      tx.getConnection().execute(again, [], 'run', tx.getTransactionContext()),
    )
    await expect(failing).rejects.toThrow(/UNIQUE/)
  }
  await put(database, ['twice'])
  expect(await database.acrossTenants().count(Stake)).toBe(2)
})

test('ping says DATABASE_FULL until no write was refused for ten seconds and one goes well', async () => {
  await using database = await openSqlite([Stake])
  await fill(database)
  expect(await codeOf(put(database, many('no')))).toBe('DATABASE_FULL')
  await makeRoom(database)
  const now = performance.now()
  const spy = vi.spyOn(performance, 'now').mockReturnValue(now + 9_000)
  expect(await codeOf(database.ping())).toBe('DATABASE_FULL')
  spy.mockReturnValue(now + 11_000)
  expect(await codeOf(database.ping())).toBeNull()
  spy.mockRestore()
  expect(await codeOf(database.ping())).toBeNull()
})

const FLAG = `mutation Flag($input: SetFeatureFlagInput!) { setFeatureFlag(input: $input) { key } }`
const READ = '{ tenant(code: "acme") { code } }'

test('a full disk of one subgraph refuses its changes with DATABASE_FULL, and heals by itself', async () => {
  await using platform = await startPlatform()
  const admin = await platform.as(PEOPLE.acmeAdmin)
  const service = platform.local.platform.services.find(({ name }) => name === 'tenancy')
  if (!service) throw new Error('tenancy runs')
  const flag = (key: string) => ({
    input: { tenantId: '1', key, isEnabled: true, description: 'x'.repeat(500) },
  })
  await fill(service.database)
  const refused: string[] = []
  for (let at = 0; at < 100 && refused.length === 0; at++) {
    refused.push(...(await shown(admin, FLAG, flag(`full.${at}`))).refused)
  }
  expect(refused).toEqual(['setFeatureFlag: DATABASE_FULL'])
  const ready = await service.fetch(new Request('http://tenancy.local/ready'))
  expect([ready.status, await ready.json()]).toMatchObject([503, { reason: 'DATABASE_FULL' }])
  expect(await shown(admin, READ)).toMatchObject({
    data: { tenant: { code: 'acme' } },
    refused: [],
  })
  await makeRoom(service.database)
  expect((await shown(admin, FLAG, flag('room.again'))).refused).toEqual([])
  expect(platform.logged.some((line) => line.includes('the database has no room left'))).toBe(true)
})
