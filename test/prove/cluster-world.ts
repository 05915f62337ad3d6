import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import { startBalancer } from '../kit/balancer.ts'
import { type ClusterProcesses, makeCluster } from '../kit/cluster-processes.ts'
import { DOMAINS, openStore, type Place } from './books-store.ts'
import { createErrorLines, type ErrorLines } from './cluster-error-lines.ts'
import { untilWhole } from './cluster-readiness.ts'
import { type Servers, startServers } from './cluster-servers.ts'
import { createSupervisor, type Supervisor } from './cluster-supervisor.ts'
import { type SeasonPlan, writeSeason } from './kills-season.ts'
import { until } from './until.ts'

/** A platform as a cluster, as it stands in production: clients know its balancer alone. */
export type ClusterWorld = AsyncDisposable & {
  /** Of the GraphQL endpoint, at the balancer. */
  url: string
  cluster: ClusterProcesses
  servers: Servers
  place: Place
  supervisor: Supervisor
  errorLines: ErrorLines
}

export type ClusterPlan = {
  seed: number
  season: Omit<SeasonPlan, 'seed'>
  /** Whether MariaDB is one that may be stopped. */
  ownMariadb: boolean
  /** Settings of all processes beside those of a cluster. */
  env?: Readonly<Record<string, string>>
}

/** All clients of a proof have one address: the bound for each is no bound of the platform. */
const CROWD = { GATEWAY_MAX_CLIENT_CONNECTIONS: '2000' }

/** What a cluster never makes of itself: the demo world, by the command that makes it embedded. */
export async function seedDemo({ env }: ClusterProcesses, dataDir: string): Promise<void> {
  const isKept = ([name]: [string, string]) => /^(DATABASE_URL|ODDS_FEED|OPERATOR_KEY)/.test(name)
  const kept = Object.fromEntries(Object.entries(env).filter(isKept))
  await promisify(execFile)(process.execPath, ['subgraphs/main.ts', 'seed'], {
    env: { ...kept, PATH: process.env.PATH, DATA_DIR: dataDir },
  })
}

/** The demo world was written behind the services' backs: what it tells others is on its way first. */
async function untilDelivered(place: Place): Promise<void> {
  await using store = await openStore(place)
  await until('the demo world is told to all', async () => {
    const waiting = DOMAINS.map((domain) =>
      store.ask(domain, 'select id from outbox where sent_at is null'),
    )
    return (await Promise.all(waiting)).every((rows) => rows.length === 0)
  })
}

function programsOf({ services, gateways }: ClusterProcesses) {
  const named = SUBGRAPH_NAMES.map((name) => [name as string, services[name]] as const)
  return new Map([
    ...named,
    ...gateways.map((gateway, index) => [`gateway ${index + 1}`, gateway] as const),
  ])
}

async function makeWorld(stack: AsyncDisposableStack, plan: ClusterPlan): Promise<ClusterWorld> {
  const servers = stack.use(await startServers(plan))
  const { place, folder } = servers.databases
  if (place.engine === 'SQLite') throw new Error('a cluster stands on MariaDB')
  const season = await writeSeason(folder, { ...plan.season, seed: plan.seed })
  const errorLines = createErrorLines()
  const cluster = stack.use(
    await makeCluster({
      redisUrl: servers.redis.url,
      // One for each subgraph.
      databaseUrls: place.urls as ClusterProcesses['databaseUrls'],
      env: { ...CROWD, ...season, ...plan.env },
      onLine: errorLines.hear,
    }),
  )
  await seedDemo(cluster, folder)
  const supervisor = stack.adopt(createSupervisor(programsOf(cluster)), ({ end }) => end())
  const balancer = stack.use(await startBalancer(cluster.gateways.map(({ url }) => url)))
  return {
    ...{ url: `${balancer.url}/graphql`, cluster, servers, place, supervisor, errorLines },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Starts servers, five services, two gateways and a balancer, with the demo world in them. */
export async function openClusterWorld(plan: ClusterPlan): Promise<ClusterWorld> {
  const stack = new AsyncDisposableStack()
  try {
    const world = await makeWorld(stack, plan)
    await world.supervisor.start()
    await untilWhole(world.supervisor.programs)
    await untilDelivered(world.place)
    return world
  } catch (failure) {
    await stack.disposeAsync()
    throw failure
  }
}
