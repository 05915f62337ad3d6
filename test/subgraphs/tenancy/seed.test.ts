import { expect, test } from 'vitest'
import { openDatabase } from '#kernel/db/database.ts'
import { migrate, schemaDrift } from '#kernel/db/migrations.ts'
import { seedDemo } from '#subgraphs/tenancy/seed.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { silentLog } from '../../kit/database.ts'
import { openSeeded, TENANCY_ENTITIES } from './tenancy-kit.ts'

const COUNTS = `{
  tenants { edges { node { id code guilds { edges { node { id } } } } } }
  quotas { edges { node { resource } } }
  featureFlags { edges { node { key } } }
}`

test('the demo world has Acme and Globex, and a second seed changes nothing', async () => {
  await using world = await openSeeded()
  const first = (await world.as('operator')(COUNTS)).data
  expect(first.tenants.edges).toEqual([
    {
      node: {
        id: '1',
        code: 'acme',
        guilds: {
          edges: [{ node: { id: '81384788765712384' } }, { node: { id: '81384788765712385' } }],
        },
      },
    },
    {
      node: {
        id: '2',
        code: 'globex',
        guilds: { edges: [{ node: { id: '197038439483310086' } }] },
      },
    },
  ])
  const told = await world.messages('identity')
  expect(told.map(({ kind, payload }) => [kind, payload.guildId, payload.auditLogging])).toEqual([
    ['guild.registered', '81384788765712384', false],
    ['guild.updated', '81384788765712384', true],
    ['guild.registered', '81384788765712385', false],
    ['guild.registered', '197038439483310086', false],
  ])
  const audited = (await world.messages('audit')).length
  await seedDemo(world.deps)
  expect((await world.as('operator')(COUNTS)).data).toEqual(first)
  expect(await world.messages('audit')).toHaveLength(audited)
})

test('the migrations make what the entities say', async () => {
  const database = await openDatabase({
    name: 'tenancy',
    url: 'sqlite::memory:',
    entities: TENANCY_ENTITIES,
    migrations: tenancy.migrations,
    log: silentLog,
  })
  await migrate(database)
  expect(await schemaDrift(database)).toEqual([])
  await database.close()
})
