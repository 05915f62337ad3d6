import { type BenchCluster, type BenchGateway, startBenchCluster } from './bench-cluster.ts'
import { OPERATOR, signIn } from './bets-players.ts'
import { bounded } from './bounded.ts'
import { CHEAP, GUILD_BOARD, MIDDLING } from './demo.ts'
import { type Figures, runLoad } from './load.ts'
import type { Benchmark, Findings } from './report.ts'
import { secondsOr } from './settings.ts'

const WORKERS = [1, 2, 4]
const CLIENTS = 50
const SECONDS = secondsOr(6)
const ROUNDS = 3
/** Usually it takes five. */
const LONGEST_MINUTES = 20

const QUERIES = [
  { what: 'demo query GuildBoard, three subgraphs', query: GUILD_BOARD },
  { what: 'demo query BettingSlip, two subgraphs', query: MIDDLING },
  { what: 'cheap query `{ me { id } }`', query: CHEAP },
]

type Run = Figures & { what: string; workers: number }

const say = (line: string) => void process.stdout.write(`${line}\n`)

const ownCpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

async function measureRun(
  cluster: BenchCluster,
  { workers, url, cpu: gateway }: BenchGateway,
  { what, query }: (typeof QUERIES)[number],
): Promise<Run> {
  const { token } = await signIn(url, OPERATOR)
  const body = JSON.stringify({ query })
  const { services, database } = cluster
  const figures = await runLoad({
    ...{ url, clients: CLIENTS, seconds: SECONDS, body: () => body },
    headers: { authorization: `Bearer ${token}` },
    meters: { gateway, services, database, load: ownCpu },
  })
  say(`${what}, workers ${workers}: ${figures.perSecond} a second, p99 ${figures.p99} ms`)
  return { ...figures, what, workers }
}

/** Of several rounds the one in which the machine disturbed least. */
const bestOf = (runs: readonly Run[]) =>
  runs.toSorted((left, right) => right.perSecond - left.perSecond)[0] as Run

/** Of all CPU time, the load's too, the part that the gateway used. */
function gatewayShare({ cpuOf: { gateway, services, database, load } }: Figures): number | null {
  if (gateway == null || services == null || load == null) return null
  return gateway / (gateway + services + load + (database ?? 0))
}

const percent = (share: number | null) => (share === null ? null : `${Math.round(share * 100)} %`)

function rowOf(runs: readonly Run[]) {
  const best = bestOf(runs)
  const { cpuOf } = best
  return {
    ...{ query: best.what, workers: best.workers, 'requests/s': best.perSecond },
    ...{ 'p50 ms': best.p50, 'p99 ms': best.p99 },
    'gateway CPU ms': cpuOf.gateway ?? null,
    'services CPU ms': cpuOf.services ?? null,
    'MariaDB CPU ms': cpuOf.database ?? null,
    'load CPU ms': cpuOf.load ?? null,
    'gateway’s share': percent(gatewayShare(best)),
    'requests/s of each round': runs.map(({ perSecond }) => perSecond).join(', '),
    failed: runs.reduce((sum, { failed }) => sum + failed, 0),
  }
}

/** What the figures of one worker say of machines with cores to spare. */
function noteOfScaling(runs: readonly Run[]): string[] {
  const single = QUERIES.flatMap(({ what }) => {
    const own = runs.filter((run) => run.what === what && run.workers === 1)
    const { cpuOf } = bestOf(own)
    if (!cpuOf.gateway || !cpuOf.services) return []
    const ofGateway = Math.round(1_000 / cpuOf.gateway)
    return [
      `${what}: ${ofGateway} requests a second for each core of a gateway, ${Math.round(1_000 / cpuOf.services)} for each core of all services together`,
    ]
  })
  return [
    `Where cores are spare, from the CPU of one worker: ${single.join('; ')}. Workers share nothing but the port, so each adds the former until the services, of which each is one process here, are full.`,
  ]
}

async function measureAll(cluster: BenchCluster): Promise<Run[]> {
  const runs: Run[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const query of QUERIES) {
      for (const gateway of cluster.gateways) runs.push(await measureRun(cluster, gateway, query))
    }
  }
  return runs
}

async function measure(): Promise<Findings> {
  await using cluster = await startBenchCluster(WORKERS)
  const runs = await bounded(LONGEST_MINUTES, () => measureAll(cluster))
  const failed = runs.reduce((sum, run) => sum + run.failed, 0)
  if (failed > 0) throw new Error(`${failed} requests failed`)
  const groups = [...Map.groupBy(runs, ({ what, workers }) => `${what} ${workers}`).values()]
  const ordered = groups.toSorted(([left], [right]) => indexOf(left) - indexOf(right))
  const title = 'Closed loop of 50 clients; CPU per request'
  return {
    tables: [{ title, rows: ordered.map(rowOf) }],
    notes: [
      'A cluster as processes: five services, one for each subgraph, on MariaDB and Redis, and three gateways, of 1, 2 and 4 workers, which all run throughout; only one is asked at a time.',
      'Load, gateways, services, MariaDB and Redis share the cores of this machine. With more workers than spare cores nothing gets faster: the workers take from the services what they gain. That more of them cost little more CPU per request is what can be seen here.',
      ...noteOfScaling(runs),
      `The workers take turns, ${ROUNDS} rounds of ${SECONDS} s for each query; the round with most requests a second stands here, and those of all rounds beside it. "Gateway" is its parent process and all workers; MariaDB serves whoever else uses it on this machine too; Redis is not counted.`,
    ],
  }
}

const indexOf = (run: Run | undefined) =>
  QUERIES.findIndex(({ what }) => what === run?.what) * 100 + (run?.workers ?? 0)

/** Gateway workers before a cluster of services. */
export const clusterBenchmark: Benchmark = {
  name: 'cluster',
  title: 'Cluster: gateways of 1, 2 and 4 workers',
  measure,
}
