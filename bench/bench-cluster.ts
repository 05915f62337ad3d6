import { withinTimeLimit } from '../kernel/time-limit.ts'
import { createProgram, type Program } from '../test/kit/child-process.ts'
import { type ClusterProcesses, makeCluster } from '../test/kit/cluster-processes.ts'
import { type Offer, readOffers } from './bets-players.ts'
import { type BenchDatabases, emptyDatabases } from './databases.ts'
import { startPlatform } from './embedded.ts'
import type { CpuMeter } from './load.ts'
import { childrenOf, cpuOfAll, pidBehind } from './processes.ts'
import { MARIADB } from './settings.ts'

const SEED_PORT = 4280
const FIRST_GATEWAY_PORT = 4281
const START_MS = 240_000
/** What is offered when a benchmark begins is still offered when it ends. */
const STAYS_MS = 900_000
/** Seconds between two prices of the simulator: with one of them its games begin late enough. */
const PACES = [20, 23, 29, 37, 47]
/** After this long the first round of games has been told. */
const TOLD_MS = 8_000

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** Asks until there is something, or for so long. */
async function untilSome<Item>(look: () => Promise<Item[]>, withinMs: number): Promise<Item[]> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found.length > 0 || performance.now() > end) return found
    await pause(250)
  }
}

type Seeded = { feed: Record<string, string>; offers: readonly Offer[] }

/** Has the demo world made, which a cluster has not: the platform runs embedded on the databases once. */
async function seed({ env }: BenchDatabases): Promise<Seeded> {
  for (const seconds of PACES) {
    const feed = { ODDS_FEED: 'simulator', ODDS_FEED_INTERVAL_SECONDS: String(seconds) }
    await using platform = await startPlatform(SEED_PORT, {
      ...{ ...env, ...feed, DBSBM_MODE: 'embedded' },
    })
    const offers = await untilSome(() => readOffers(platform.url, STAYS_MS), TOLD_MS)
    if (offers.length > 0) return { feed, offers }
  }
  throw new Error('there is nothing to bet on')
}

/** One gateway of the cluster: its own process first, then its workers. */
export type BenchGateway = { workers: number; url: string; cpu: CpuMeter }

/** A cluster with the demo world, on databases of its own. */
export type BenchCluster = AsyncDisposable & {
  gateways: readonly BenchGateway[]
  services: CpuMeter
  database: CpuMeter
  processes: ClusterProcesses
  offers: readonly Offer[]
}

async function isWhole({ url }: Program): Promise<boolean> {
  const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(5_000) })
  return ((await answer.json()) as { status: string }).status === 'ready'
}

/** Starts programs together. @throws with what one of them said last when it takes too long */
async function startAll(programs: readonly Program[], areThere: () => Promise<boolean>) {
  const onTimeout = () => {
    const said = programs.flatMap(({ name, logged }) =>
      logged()
        .slice(-3)
        .map((line) => `${name}: ${line}`),
    )
    return new Error(`the cluster did not start within ${START_MS} ms\n${said.join('\n')}`)
  }
  await withinTimeLimit({ timeoutMs: START_MS, onTimeout }, async (signal) => {
    await Promise.all(programs.map((program) => program.start()))
    while (!signal.aborted && !(await areThere())) await pause(200)
  })
}

function createGateways(
  stack: AsyncDisposableStack,
  workers: readonly number[],
  env: Readonly<Record<string, string>>,
) {
  return workers.map((count, index) => {
    const program = createProgram({
      ...{ name: `gateway of ${count}`, command: ['gateway/main.ts'] },
      env: { ...env, GATEWAY_WORKERS: String(count) },
      port: FIRST_GATEWAY_PORT + index,
    })
    stack.defer(() => program.kill())
    stack.defer(async () => void (await Promise.race([program.stop(), pause(20_000)])))
    return { count, program }
  })
}

function toGateway({ count, program }: { count: number; program: Program }): BenchGateway {
  const pids = [program.pid(), ...childrenOf(program.pid())]
  return { workers: count, url: `${program.url}/graphql`, cpu: () => cpuOfAll(pids) }
}

/** Starts five services, and a gateway for each number of workers, on MariaDB and Redis. */
export async function startBenchCluster(workers: readonly number[]): Promise<BenchCluster> {
  await using stack = new AsyncDisposableStack()
  const databases = stack.use(await emptyDatabases())
  const { feed, offers } = await seed(databases)
  const { OPERATOR_KEY = '' } = databases.env
  const env = { OPERATOR_KEY, ...feed }
  const processes = stack.use(await makeCluster({ gateways: 0, databaseUrls: databases.urls, env }))
  const gateways = createGateways(stack, workers, processes.env)
  const programs = gateways.map(({ program }) => program)
  const areWhole = async () => (await Promise.all(programs.map(isWhole))).every(Boolean)
  await startAll([...processes.all, ...programs], areWhole)
  const servicePids = processes.all.map((program) => program.pid())
  const databasePid = pidBehind(MARIADB, 3306)
  const kept = stack.move()
  return {
    ...{ processes, offers, gateways: gateways.map(toGateway) },
    services: () => cpuOfAll(servicePids),
    database: () => (databasePid === null ? null : cpuOfAll([databasePid])),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
