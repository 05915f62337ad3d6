import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { expect, test } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { type Config, readConfig } from '#kernel/config.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { listen } from '#kernel/serve/listen.ts'
import { openPlatform } from '#kernel/serve/platform.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { silentLog } from '../../kit/database.ts'

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { ping: { type: GraphQLString } } }),
})

const tenancy: Subgraph = {
  name: 'tenancy',
  schema,
  entities: [],
  migrations: { sqlite: 'var/none', mysql: 'var/none' },
  open: async () => ({ createContext: (request) => request }),
}

const open = (config: Config) =>
  openPlatform({
    config,
    subgraphs: [tenancy],
    log: silentLog,
    clock: systemClock,
    randomness: systemRandomness,
  })

async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-platform-'))
  const config = readConfig({ DATA_DIR: folder, DATABASE_URL_TENANCY: 'sqlite::memory:' })
  return { folder, config, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

test('a process without an operator key answers OPERATOR_KEY_UNSET', async () => {
  await using world = await openFolder()
  const config = { ...world.config, operatorKey: null }
  await expect(open(config)).rejects.toMatchObject({ code: 'OPERATOR_KEY_UNSET' })
})

test('a subgraph without a database answers DATABASE_URL_UNSET and names itself', async () => {
  await using world = await openFolder()
  const databaseUrls = { ...world.config.databaseUrls, tenancy: null }
  await expect(open({ ...world.config, databaseUrls })).rejects.toMatchObject({
    code: 'DATABASE_URL_UNSET',
    extensions: { subgraph: 'tenancy' },
  })
})

test('a data folder that is a file answers DATA_DIR_UNUSABLE', async () => {
  await using world = await openFolder()
  const dataDir = join(world.folder, 'file')
  await writeFile(dataDir, '')
  await expect(open({ ...world.config, dataDir })).rejects.toMatchObject({
    code: 'DATA_DIR_UNUSABLE',
    extensions: { dataDir },
  })
})

test('a subgraph is reached by its name; another name answers SUBGRAPH_UNKNOWN', async () => {
  await using world = await openFolder()
  const platform = await open(world.config)
  const { status } = await platform.fetchOf('tenancy')(new Request('http://tenancy.local/health'))
  expect(status).toBe(200)
  expect(() => platform.fetchOf('betting')).toThrow(
    expect.objectContaining({ code: 'SUBGRAPH_UNKNOWN' }),
  )
  await platform.stop(0)
})

test('a port in use answers PORT_TAKEN, a foreign address ADDRESS_UNUSABLE', async () => {
  const answer = async () => new Response('here')
  const standing = await listen(answer, { host: '127.0.0.1', port: 0 })
  const port = Number(new URL(standing.url).port)
  expect(await (await fetch(standing.url)).text()).toBe('here')
  await expect(listen(answer, { host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  })
  // TEST-NET-1 (RFC 5737): no machine has this address.
  await expect(listen(answer, { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
    code: 'ADDRESS_UNUSABLE',
    extensions: { host: '192.0.2.1' },
  })
  await standing.close()
})
