import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { expect, test, vi } from 'vitest'
import { AUDIT_KIND, AUDIT_RECEIVER } from '#kernel/audit/audit.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Config, readConfig } from '#kernel/config.ts'
import { transactional } from '#kernel/db/database.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import { listen } from '#kernel/serve/listen.ts'
import { openPlatform } from '#kernel/serve/platform.ts'
import type { InboxHandlers, Subgraph, SubgraphDeps } from '#kernel/service/subgraph.ts'
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
  await standing.close(0)
})

const NOWHERE = Object.fromEntries(
  SUBGRAPH_NAMES.map((name) => [name, null]),
) as Config['subgraphUrls']
const HOUSE = ['compliance', 'tenancy', 'analytics'] as const

/** A house whose compliance remembers what audit records come, and from whom. */
async function openHouse(config: Config) {
  const received: { action: string; requestId: string }[] = []
  const deps = new Map<string, SubgraphDeps>()
  const toSubgraph = (name: (typeof HOUSE)[number]): Subgraph => ({
    ...tenancy,
    name,
    open: async (given) => {
      deps.set(name, given)
      await given.database.orm.schema.create()
      const keep: InboxHandlers = {
        [AUDIT_KIND]: async (_tx, { payload }) => void received.push(payload as never),
      }
      return {
        createContext: (request) => request,
        ...(name === 'compliance' && { inbox: keep }),
      }
    },
  })
  const platform = await openPlatform({
    config,
    subgraphs: HOUSE.map(toSubgraph),
    log: silentLog,
    clock: systemClock,
    randomness: systemRandomness,
  })
  const record = async (name: string, action: string) => {
    const { database, audit } = deps.get(name) as SubgraphDeps
    await transactional(database.acrossTenants(), (tx) =>
      audit.record(tx, {
        viewer: anonymousViewer(`of-${name}`),
        action,
        resource: { type: 'thing', id: '1' },
        outcome: 'done',
        tenantId: null,
        guildId: null,
      }),
    )
  }
  return { platform, received, record }
}

test('audit records of every subgraph reach compliance, its own too, in their order', async () => {
  await using world = await openFolder()
  const memory = Object.fromEntries(HOUSE.map((name) => [name, 'sqlite::memory:']))
  const databaseUrls = { ...world.config.databaseUrls, ...memory }
  const { platform, received, record } = await openHouse({ ...world.config, databaseUrls })
  for (const name of HOUSE) await record(name, 'thing.made')
  await platform.start()
  for (const name of HOUSE) await record(name, 'thing.changed')
  await vi.waitFor(() => expect(received).toHaveLength(6), 10_000)
  for (const name of HOUSE) {
    const own = received.filter(({ requestId }) => requestId === `of-${name}`)
    expect(own.map(({ action }) => action)).toEqual(['thing.made', 'thing.changed'])
  }
  await platform.stop(1_000)
})

test('without compliance in reach audit records wait, and nothing is lost', async () => {
  await using world = await openFolder()
  const memory = { analytics: 'sqlite::memory:', tenancy: 'sqlite::memory:' }
  const databaseUrls = { ...world.config.databaseUrls, ...memory }
  const config = { ...world.config, databaseUrls, subgraphUrls: NOWHERE }
  let deps: SubgraphDeps | undefined
  const alone: Subgraph = {
    ...tenancy,
    open: async (given) => {
      deps = given
      await given.database.orm.schema.create()
      return { createContext: (request) => request }
    },
  }
  const platform = await openPlatform({
    config,
    subgraphs: [alone],
    log: silentLog,
    clock: systemClock,
    randomness: systemRandomness,
  })
  await platform.start()
  const { database, audit } = deps as SubgraphDeps
  await transactional(database.acrossTenants(), (tx) =>
    audit.record(tx, {
      viewer: anonymousViewer('alone'),
      action: 'thing.made',
      resource: { type: 'thing', id: '1' },
      outcome: 'done',
      tenantId: null,
      guildId: null,
    }),
  )
  const waiting = await database.acrossTenants().find(OutboxRow, { receiver: AUDIT_RECEIVER })
  expect(waiting).toMatchObject([{ sentAt: null }])
  await platform.stop(0)
})

/** What a subgraph of the house does when it is opened and stopped. */
type Room = { open?: (deps: SubgraphDeps) => Promise<void>; stop?: () => Promise<void> }

/** Parts that each have their own way to open and to stop, before a front that tells its end. */
function furnish(rooms: Partial<Record<(typeof HOUSE)[number], Room>>, config: Config) {
  const ended: string[] = []
  const logged: string[] = []
  const ring = createRingFront()
  const front = {
    ...ring,
    close: async () => {
      ended.push('front')
      await ring.close()
    },
  }
  const subgraphs = HOUSE.map((name): Subgraph => {
    const { open, stop } = rooms[name] ?? {}
    return {
      ...tenancy,
      name,
      open: async (deps) => {
        await deps.database.orm.schema.create()
        const { close } = deps.database
        deps.database.close = async () => {
          await close()
          ended.push(name)
        }
        await open?.(deps)
        return {
          createContext: (request) => request,
          start: async () => ({ stop: stop ?? (async () => undefined) }),
        }
      },
    }
  })
  const log = createLog({
    level: 'error',
    name: 'test',
    destination: { write: (line) => void logged.push(line) },
  })
  const memory = Object.fromEntries(HOUSE.map((name) => [name, 'sqlite::memory:']))
  const databaseUrls = { ...config.databaseUrls, ...memory }
  const options = {
    frontOf: () => front,
    subgraphs,
    log,
    clock: systemClock,
    randomness: systemRandomness,
  }
  return { ended, logged, options: { ...options, config: { ...config, databaseUrls } } }
}

const failing = (text: string) => async () => {
  throw new Error(text)
}

test('a part that fails to stop is told of when all others have stopped, and the front after them', async () => {
  await using world = await openFolder()
  const rooms = { compliance: { stop: failing('stuck') }, tenancy: { stop: () => wait(100) } }
  const { ended, options } = furnish(rooms, world.config)
  const platform = await openPlatform(options)
  await platform.start()
  await expect(platform.stop(0)).rejects.toThrow('stuck')
  expect(ended.toSorted()).toEqual([...HOUSE, 'front'].toSorted())
  expect(ended.at(-1)).toBe('front')
})

test('of several parts that fail to stop, each is told of', async () => {
  await using world = await openFolder()
  const rooms = { compliance: { stop: failing('stuck') }, analytics: { stop: failing('jammed') } }
  const { ended, options } = furnish(rooms, world.config)
  const platform = await openPlatform(options)
  await platform.start()
  await expect(platform.stop(0)).rejects.toMatchObject({
    errors: [{ message: 'stuck' }, { message: 'jammed' }],
  })
  expect(ended.toSorted()).toEqual([...HOUSE, 'front'].toSorted())
})

test('a part that cannot be opened closes itself, those before it and the front', async () => {
  await using world = await openFolder()
  const { ended, options } = furnish({ analytics: { open: failing('broken') } }, world.config)
  await expect(openPlatform(options)).rejects.toThrow('broken')
  expect(ended.toSorted()).toEqual([...HOUSE, 'front'].toSorted())
})

test('a part without its setting closes those before it and the front', async () => {
  await using world = await openFolder()
  const { ended, options } = furnish({}, world.config)
  const databaseUrls = { ...options.config.databaseUrls, analytics: null }
  const config = { ...options.config, databaseUrls }
  await expect(openPlatform({ ...options, config })).rejects.toMatchObject({
    code: 'DATABASE_URL_UNSET',
  })
  expect(ended.toSorted()).toEqual(['compliance', 'front', 'tenancy'])
})

test('why a platform cannot be opened is told, although what was open fails to close; that is logged', async () => {
  await using world = await openFolder()
  const stays = async ({ database }: SubgraphDeps) => {
    const { close } = database
    database.close = () => close().then(failing('jammed'))
  }
  const rooms = { compliance: { open: stays }, analytics: { open: failing('broken') } }
  const { ended, logged, options } = furnish(rooms, world.config)
  await expect(openPlatform(options)).rejects.toThrow('broken')
  expect(ended.at(-1)).toBe('front')
  expect(logged.join('')).toContain('jammed')
})

test('demo accounts are refused in a cluster, where the first operator is told to identity instead', async () => {
  await using world = await openFolder()
  const firstOperator = { email: 'first@platform.example', password: 'a good long secret' }
  const config = { ...world.config, firstOperator }
  const told: unknown[] = []
  const subgraph: Subgraph = {
    ...tenancy,
    open: async (deps) => {
      told.push(deps.firstOperator)
      return tenancy.open(deps)
    },
  }
  const openIn = (mode: Config['mode']) =>
    openPlatform({
      config: { ...config, mode },
      subgraphs: [subgraph],
      log: silentLog,
      clock: systemClock,
      randomness: systemRandomness,
    })
  const embedded = await openIn('embedded')
  expect(await embedded.seed()).toEqual({ lines: [] })
  await embedded.stop(0)
  const cluster = await openIn('cluster')
  await expect(cluster.seed()).rejects.toMatchObject({ code: 'DEMO_EMBEDDED_ONLY' })
  await cluster.stop(0)
  expect(told).toEqual([null, firstOperator])
})
