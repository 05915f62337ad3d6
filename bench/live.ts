import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Crowd, type CrowdFigures, measureCrowd } from './crowd.ts'
import { OUR_COMMAND, preparePeers, runForRows } from './peers.ts'
import type { Benchmark, Findings } from './report.ts'
import { startShell, whenAnswered } from './served.ts'

const SUBSCRIBERS = 2_000
/** What one process may hold open, nearly. */
const CROWD = 19_000
const MOST = 100_000
const MOST_WORKERS = 6
const EVENTS = 4
const SUBGRAPHS_PORT = 4390
const GATEWAY_PORT = 4391
const SUBGRAPHS = `http://127.0.0.1:${SUBGRAPHS_PORT}`
const ADDRESS = `127.0.0.1:${GATEWAY_PORT}/graphql`

type Opening = { subscribers: number; kbPerSubscriber: number; upstreams: number }
type Delivery = {
  event: number
  upstreams: number
  received: number
  failed: number
  ms: number
  gatewayCpuMs: number
  cpuUsPerDelivery: number
}

type Served = { gateway: ChildProcess; live: string }

/** A gateway on the two subgraphs of the live benchmark, for as long as `use` runs. */
async function onGateway<Result>(
  { command, live, env = {} }: { command: string; live: string; env?: Record<string, string> },
  use: (served: Served) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-bench-'))
  try {
    const serve = `exec ${process.execPath} subgraphs.mjs`
    await using _subgraphs = startShell(serve, live, { PORT: String(SUBGRAPHS_PORT) })
    const file = join(folder, 'supergraph.graphql')
    await writeFile(file, await whenAnswered(`${SUBGRAPHS}/supergraph`))
    await using gateway = startShell(command, live, {
      ...{ SUPERGRAPH: file, PORT: String(GATEWAY_PORT) },
      // All subscribers come from a few addresses here.
      GATEWAY_MAX_CLIENT_CONNECTIONS: '100000',
      ...env,
    })
    const headers = { 'content-type': 'application/json' }
    const body = '{"query":"{__typename}"}'
    await whenAnswered(`http://${ADDRESS}`, { method: 'POST', headers, body })
    return await use({ gateway: gateway.child, live })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The public benchmark's subscribers, all in one process. */
const measureGateway = (name: string, command: string, live: string) =>
  onGateway({ command, live }, async ({ gateway }) => {
    const pid = String(gateway.pid)
    const args = ['subscribers.mjs', `ws://${ADDRESS}`, String(SUBSCRIBERS), '--pid', pid]
    return toRows(name, await runForRows<Opening | Delivery>(args, live))
  })

const fireAt = (url: string) => async () => {
  await (await fetch(url)).text()
}

function toCrowdRow(name: string, { connections }: Crowd, found: CrowdFigures) {
  const [first, ...others] = found.waves
  // The first event finds code that never ran; of the others the calmest stands here.
  const calmest = others.toSorted((left, right) => left.lastMs - right.lastMs)[0] ?? first
  return {
    server: name,
    connections,
    open: found.open,
    'opened in s': found.openingSeconds,
    'kB/connection': found.kbPerConnection,
    'ms to the first': calmest?.firstMs ?? null,
    'to the median': calmest?.medianMs ?? null,
    'to the last': calmest?.lastMs ?? null,
    'CPU µs/delivery': calmest?.cpuUsPerDelivery ?? null,
    lost: found.waves.reduce((sum, { received }) => sum + (found.open - received), 0),
    failed: found.failed,
  }
}

async function crowdOnGateway(live: string, workers: number, connections: number) {
  const env = { GATEWAY_WORKERS: String(workers), GATEWAY_MAX_CONNECTIONS: '19900' }
  return onGateway({ command: OUR_COMMAND, live, env }, async ({ gateway }) => {
    const crowd = {
      ...{ url: `ws://${ADDRESS}`, connections, pid: Number(gateway.pid), events: EVENTS },
      fire: fireAt(`${SUBGRAPHS}/fire`),
    }
    const name = workers > 1 ? `ours, ${workers} workers` : 'ours'
    return toCrowdRow(name, crowd, await measureCrowd(crowd))
  })
}

async function crowdOnBareSockets(connections: number) {
  const program = fileURLToPath(new URL('bare-broadcast.ts', import.meta.url))
  const command = `exec ${process.execPath} ${program}`
  await using server = startShell(command, tmpdir(), { PORT: String(GATEWAY_PORT) })
  await whenAnswered(`http://127.0.0.1:${GATEWAY_PORT}/`)
  const crowd = {
    ...{ url: `ws://${ADDRESS}`, connections, pid: Number(server.child.pid), events: EVENTS },
    fire: fireAt(`http://127.0.0.1:${GATEWAY_PORT}/fire`),
  }
  return toCrowdRow('bare ws', crowd, await measureCrowd(crowd))
}

function toRows(gateway: string, rows: readonly (Opening | Delivery)[]) {
  const opening = rows.find((row) => 'kbPerSubscriber' in row)
  return rows
    .filter((row) => 'event' in row)
    .map((row) => ({
      gateway,
      event: row.event + 1,
      upstreams: row.upstreams,
      received: row.received,
      failed: row.failed,
      'ms to the last': row.ms,
      'CPU µs/delivery': row.cpuUsPerDelivery,
      'kB/subscriber': opening?.kbPerSubscriber ?? null,
    }))
}

const hiveCommand = (federation: string) =>
  `exec ${process.execPath} ${federation}/node_modules/@graphql-hive/gateway/dist/bin.js supergraph $SUPERGRAPH --port $PORT --fork 1`

async function measure(): Promise<Findings> {
  const peers = preparePeers()
  if ('missing' in peers) return { tables: [], notes: [`Not measured: ${peers.missing}.`] }
  const { federation, live } = peers
  const rows = [
    ...(await measureGateway('ours', OUR_COMMAND, live)),
    ...(await measureGateway('hive-gateway', hiveCommand(federation), live)),
  ]
  const beside = [await crowdOnBareSockets(CROWD), await crowdOnGateway(live, 1, CROWD)]
  const most = [await crowdOnGateway(live, MOST_WORKERS, MOST)]
  return {
    tables: [
      { title: `${SUBSCRIBERS} subscribers of one event, four events`, rows },
      { title: `${CROWD} subscribers of one event, beside a bare broadcast`, rows: beside },
      { title: `${MOST} subscribers over ${MOST_WORKERS} workers of one gateway`, rows: most },
    ],
    notes: [
      'Each subscriber holds a WebSocket (graphql-transport-ws); each event is one from the odds subgraph with one field of its fixture from another.',
      'Subscribers, subgraphs and gateway share the cores; "upstreams" is how many streams the gateway holds open to the odds subgraph.',
      `The larger crowds are held by processes of their own, from 20 loopback addresses each; of ${EVENTS} events the one after the first that reached the last soonest stands here, and losses of all of them.`,
      'The bare broadcast takes subscriptions unread and sends one prepared message of as many bytes to all: no subgraph, no execution, no rights. In the larger crowds each subscriber of ours has an id of its own, which comes back with each event.',
      'Memory is what all processes of the server hold more than before the first connection, divided; times include those of the clients, which read on the same cores.',
    ],
  }
}

/** Live updates to many subscribers at once. */
export const liveBenchmark: Benchmark = { name: 'live', title: 'Live updates', measure }
