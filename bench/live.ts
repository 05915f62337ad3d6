import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OUR_COMMAND, preparePeers, runForRows } from './peers.ts'
import type { Benchmark, Findings } from './report.ts'

const SUBSCRIBERS = 2_000
const SUBGRAPHS_PORT = 4390
const GATEWAY_PORT = 4391
const START_TIMEOUT_MS = 30_000

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

/** A program in a shell, ended by `stop`. */
function startShell(command: string, cwd: string, env: Record<string, string>) {
  const child = spawn('sh', ['-c', command], {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { child, [Symbol.asyncDispose]: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(timer)
}

async function whenAnswered(url: string, init?: RequestInit): Promise<string> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const text = await fetch(url, init).then(
      (response) => (response.ok ? response.text() : ''),
      // Nobody listens yet: that is what is being waited for.
      () => '',
    )
    if (text) return text
    if (performance.now() > deadline) throw new Error(`${url} does not answer`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

async function measureGateway(name: string, command: string, cwd: string) {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-bench-'))
  try {
    const serve = `exec ${process.execPath} subgraphs.mjs`
    await using _subgraphs = startShell(serve, cwd, { PORT: String(SUBGRAPHS_PORT) })
    const file = join(folder, 'supergraph.graphql')
    await writeFile(file, await whenAnswered(`http://127.0.0.1:${SUBGRAPHS_PORT}/supergraph`))
    const env = {
      SUPERGRAPH: file,
      PORT: String(GATEWAY_PORT),
      // All subscribers come from one address here.
      GATEWAY_MAX_CLIENT_CONNECTIONS: String(2 * SUBSCRIBERS),
    }
    await using gateway = startShell(command, cwd, env)
    const address = `127.0.0.1:${GATEWAY_PORT}/graphql`
    const headers = { 'content-type': 'application/json' }
    const body = '{"query":"{__typename}"}'
    await whenAnswered(`http://${address}`, { method: 'POST', headers, body })
    const pid = String(gateway.child.pid)
    const args = ['subscribers.mjs', `ws://${address}`, String(SUBSCRIBERS), '--pid', pid]
    return toRows(name, await runForRows<Opening | Delivery>(args, cwd))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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
  return {
    tables: [{ title: `${SUBSCRIBERS} subscribers of one event, four events`, rows }],
    notes: [
      'Each subscriber holds a WebSocket (graphql-transport-ws); each event is one from the odds subgraph with one field of its fixture from another.',
      'Subscribers, subgraphs and gateway share the cores; "upstreams" is how many streams the gateway holds open to the odds subgraph.',
    ],
  }
}

/** Live updates to many subscribers at once. */
export const liveBenchmark: Benchmark = { name: 'live', title: 'Live updates', measure }
