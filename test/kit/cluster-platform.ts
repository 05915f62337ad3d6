import { randomBytes } from 'node:crypto'
import { openClusterGateway } from '#gateway/cluster.ts'
import type { LocalGateway } from '#gateway/local.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '#kernel/auth/service-names.ts'
import { systemClock } from '#kernel/clock.ts'
import { readConfig } from '#kernel/config.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { createLateDoor, type LateDoor } from '#kernel/serve/late-door.ts'
import { listen } from '#kernel/serve/listen.ts'
import { openPlatform, type Platform } from '#kernel/serve/platform.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { ai } from '#subgraphs/ai/subgraph.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { emptyMariadb } from './database.ts'
import { ownRedisPrefix, REDIS_URL } from './redis.ts'

const SUBGRAPHS: readonly Subgraph[] = [identity, tenancy, ai, compliance, analytics]
const DRAIN_MS = 2_000

type Door = { name: SubgraphName; url: string; late: LateDoor }

async function openDoor(stack: AsyncDisposableStack, name: SubgraphName): Promise<Door> {
  const late = createLateDoor(name)
  const { url, close } = await listen(late.fetch, { host: '127.0.0.1', port: 0 })
  stack.defer(() => close(0))
  return { name, url, late }
}

/** The settings of all processes of a cluster, on databases and keys in Redis of its own. */
async function settingsFor(stack: AsyncDisposableStack, doors: readonly Door[]) {
  const databases: [string, string][] = []
  for (const { name } of doors) {
    const { url } = stack.use(await emptyMariadb())
    databases.push([`DATABASE_URL_${name.toUpperCase()}`, url])
  }
  return {
    DBSBM_MODE: 'cluster',
    REDIS_URL,
    REDIS_PREFIX: stack.use(ownRedisPrefix()).prefix,
    SERVICE_SECRET: randomBytes(32).toString('hex'),
    OPERATOR_KEY: `v1:${randomBytes(32).toString('base64')}`,
    GATEWAY_NOTICE_SECONDS: '0',
    GATEWAY_INTROSPECTION: 'on',
    GATEWAY_QUERY_PLAN: 'on',
    ...Object.fromEntries(databases),
    ...Object.fromEntries(
      doors.map(({ name, url }) => [`SUBGRAPH_URL_${name.toUpperCase()}`, url]),
    ),
  }
}

type Opened = { platforms: readonly Platform[]; seed: () => Promise<void> }

/** Each subgraph as a process would run it: with a door, a database and connections of its own. */
async function openServices(
  stack: AsyncDisposableStack,
  { env, log, doors }: { env: Record<string, string>; log: Logger; doors: readonly Door[] },
): Promise<Opened> {
  const platforms: Platform[] = []
  for (const { name, late } of doors) {
    const platform = await openPlatform({
      config: readConfig(env, [], name),
      subgraphs: SUBGRAPHS.filter((subgraph) => subgraph.name === name),
      ...{ clock: systemClock, randomness: systemRandomness, log },
    })
    stack.defer(() => platform.stop(DRAIN_MS))
    late.open(platform.fetchOf(name))
    platforms.push(platform)
  }
  return {
    platforms,
    // The demo world, which `npm run seed` refuses a cluster: its passwords are known.
    seed: async () => {
      for (const { services } of platforms) {
        for (const service of services) await service.seed()
      }
    },
  }
}

/** What tests reach of the subgraphs beside their doors, as where all are in one process. */
function together(platforms: readonly Platform[]): Platform {
  const [first] = platforms
  if (!first) throw new Error('a cluster has subgraphs')
  const services = platforms.flatMap((platform) => platform.services)
  return {
    ...first,
    services,
    fetchOf: (name) => {
      const service = services.find((one) => one.name === name)
      if (!service) throw new Error(`no subgraph ${name}`)
      return service.fetch
    },
  }
}

/**
 * A gateway before five subgraphs that are reached over HTTP, on MariaDB and Redis, with the demo
 * world: the shape of a cluster with its parts in one process, where tests can look at them.
 */
export async function openClusterPlatform(
  given: Record<string, string>,
  log: Logger,
): Promise<LocalGateway> {
  await using stack = new AsyncDisposableStack()
  const doors: Door[] = []
  for (const name of SUBGRAPH_NAMES) doors.push(await openDoor(stack, name))
  const env = { ...(await settingsFor(stack, doors)), ...given }
  const { platforms, seed } = await openServices(stack, { env, log, doors })
  await seed()
  for (const platform of platforms) await platform.start()
  const gateway = await openClusterGateway(readConfig(env), log)
  const kept = stack.move()
  return {
    ...gateway,
    platform: together(platforms),
    close: async () => {
      await gateway.close()
      await kept.disposeAsync()
    },
  }
}
