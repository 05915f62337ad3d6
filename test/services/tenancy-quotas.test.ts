import { expect, test } from 'vitest'
import { openDatabase } from '#kernel/db/database.ts'
import { migrate, schemaDrift } from '#kernel/db/migrations.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { emptyMariadb, openMariadb, silentLog } from '../kit/database.ts'
import { describeQuotas } from '../subgraphs/tenancy/quota-suite.ts'
import { describeRaces } from '../subgraphs/tenancy/race-suite.ts'
import { TENANCY_ENTITIES } from '../subgraphs/tenancy/tenancy-kit.ts'

describeQuotas('MariaDB', { open: (entities) => openMariadb(entities), runs: 5 })
describeRaces('MariaDB', (entities) => openMariadb(entities))

test('the migrations make what the entities say on MariaDB', async () => {
  await using empty = await emptyMariadb()
  const database = await openDatabase({
    name: 'tenancy',
    url: empty.url,
    entities: TENANCY_ENTITIES,
    migrations: tenancy.migrations,
    log: silentLog,
  })
  await migrate(database)
  expect(await schemaDrift(database)).toEqual([])
  await database.close()
})
