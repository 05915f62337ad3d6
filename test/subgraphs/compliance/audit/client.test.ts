import { expect, test } from 'vitest'
import { createPersonKeyRows } from '#kernel/crypto/person-key-rows.ts'
import { createPersonKeys } from '#kernel/crypto/person-keys.ts'
import { systemRandomness } from '#kernel/ids.ts'
import {
  append,
  entriesOf,
  OPERATOR_KEYS,
  openAudit,
  recordOf,
  verify,
  type World,
} from './audit-kit.ts'

const CLIENT = { ip: '203.0.113.77', userAgent: 'Planted-Program/9.1' }
const QUERY = '{ auditLogs { edges { node { id client { ip userAgent } } } } }'

const clientsOf = async (world: World, who: 'acmeAdmin' | 'globexAdmin' = 'acmeAdmin') => {
  const { data } = await world.ask(who, QUERY)
  return data.auditLogs.edges.map(({ node }: { node: { client: unknown } }) => node.client)
}

const keysOf = ({ database }: World) =>
  createPersonKeys({
    operatorKeys: OPERATOR_KEYS,
    randomness: systemRandomness,
    store: createPersonKeyRows(() => database.acrossTenants()),
  })

test('a person’s client stands sealed under their key, and readers get it in clear', async () => {
  await using world = await openAudit()
  await append(world, [recordOf({ client: CLIENT }), recordOf({ client: { ...CLIENT, ip: null } })])
  const [entry] = await entriesOf(world)
  expect(entry?.ipAddress).toMatch(/^e1\./)
  expect(await clientsOf(world)).toEqual([{ ...CLIENT, ip: null }, CLIENT])
  expect(await clientsOf(world, 'globexAdmin')).toEqual([])
})

test('no column of any table holds a client in clear', async () => {
  await using world = await openAudit()
  await append(world, [recordOf({ client: CLIENT }), recordOf({ client: CLIENT, userId: null })])
  const connection = world.database.orm.em.fork().getConnection()
  const tables = (await connection.execute(
    "select name from sqlite_schema where type = 'table'",
  )) as {
    name: string
  }[]
  for (const { name } of tables) {
    const rows = JSON.stringify(await connection.execute(`select * from ${name}`))
    expect({ name, ip: rows.includes(CLIENT.ip), agent: rows.includes('Planted') }).toEqual({
      ...{ name, ip: false, agent: false },
    })
  }
})

test('without a person nothing of the client is kept', async () => {
  await using world = await openAudit()
  await append(world, [recordOf({ client: CLIENT, userId: null })])
  expect(await entriesOf(world)).toMatchObject([{ ipAddress: null, userAgent: null }])
  expect(await clientsOf(world)).toEqual([null])
})

test('an erased person’s clients are gone, and the log still verifies', async () => {
  await using world = await openAudit()
  await append(world, [recordOf({ client: CLIENT })])
  await keysOf(world).shred('7')
  await append(world, [recordOf({ client: CLIENT })])
  expect((await entriesOf(world)).map(({ ipAddress }) => ipAddress === null)).toEqual([false, true])
  expect(await clientsOf(world)).toEqual([null, null])
  expect(await verify(world)).toMatchObject({ isWhole: true, checked: 2 })
})
