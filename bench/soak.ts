import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OUR_COMMAND, preparePeers } from './peers.ts'
import { processesOf, residentKb } from './processes.ts'
import type { Benchmark, Findings } from './report.ts'
import { startShell, stop, whenAnswered } from './served.ts'
import { secondsOr } from './settings.ts'
import { startTraffic } from './soak-traffic.ts'

const SECONDS = secondsOr(300)
const SUBGRAPHS_PORT = 4390
const GATEWAY_PORT = 4391
const HOST = `127.0.0.1:${GATEWAY_PORT}/graphql`
const SUBGRAPHS = `http://127.0.0.1:${SUBGRAPHS_PORT}`
const SWAP_MS = 3_000
const FIRE_MS = 200
const KILL_MS = 20_000
const AWAY_MS = 500
const SAMPLE_MS = 2_000
const REST_MS = 8_000
const SETTLE_MS = 500
const PARTS = 5

type Sample = { at: number; residentMb: number; heapMb: number }
type Happened = { swaps: number; kills: number; fired: number }

const figureIn = (text: string, name: string): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)

// A connection that was kept may have gone with the process behind it: asked again.
const figures = () => whenAnswered(`http://127.0.0.1:${GATEWAY_PORT}/metrics`)
const toMb = (bytes: number) => Math.round(bytes / 2 ** 20)

async function sample(begunAt: number, pid: number): Promise<Sample> {
  const text = await figures()
  return {
    at: performance.now() - begunAt,
    residentMb: Math.round(residentKb(processesOf(pid)) / 1024),
    heapMb: toMb(figureIn(text, 'nodejs_heap_size_used_bytes')),
  }
}

/** Does something again and again until the returned function is called; one at a time. */
function every(ms: number, act: () => Promise<void>): () => Promise<void> {
  let isOver = false
  const going = (async () => {
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, ms))
      if (!isOver) await act()
    }
  })()
  return async () => {
    isOver = true
    await going
  }
}

const startSubgraphs = (cwd: string) =>
  startShell(`exec ${process.execPath} subgraphs.mjs`, cwd, { PORT: String(SUBGRAPHS_PORT) })

type Place = { live: string; file: string; sdl: string }

/** Swaps, dying subgraphs and events until stopped. */
function disturb({ live, file, sdl }: Place, first: ReturnType<typeof startSubgraphs>) {
  const happened: Happened = { swaps: 0, kills: 0, fired: 0 }
  let subgraphs = first
  const stops = [
    every(SWAP_MS, async () => {
      happened.swaps += 1
      await writeFile(file, `${sdl}\n# ${happened.swaps}\n`)
    }),
    every(FIRE_MS, async () => {
      // Between the end of the subgraphs and their next start nobody fires.
      const isFired = await fetch(`${SUBGRAPHS}/fire`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isFired) happened.fired += 1
    }),
    every(KILL_MS, async () => {
      happened.kills += 1
      subgraphs.child.kill('SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS))
      subgraphs = startSubgraphs(live)
      await whenAnswered(`${SUBGRAPHS}/supergraph`)
    }),
  ]
  return {
    happened,
    rest: async () => void (await Promise.all(stops.map((one) => one()))),
    end: () => stop(subgraphs.child),
  }
}

function partRows(samples: readonly Sample[]) {
  const length = Math.ceil(samples.length / PARTS)
  const parts = Array.from({ length: PARTS }, (_, part) =>
    samples.slice(part * length, (part + 1) * length),
  )
  return parts.flatMap((own) => {
    const last = own.at(-1)
    if (!last) return []
    const mean = (of: (one: Sample) => number) =>
      Math.round(own.reduce((sum, one) => sum + of(one), 0) / own.length)
    const heaps = own.map(({ heapMb }) => heapMb)
    const row = {
      'until s': Math.round(last.at / 1000),
      'resident MB, mean': mean((one) => one.residentMb),
      'heap MB, mean': mean((one) => one.heapMb),
      'heap MB, least': Math.min(...heaps),
    }
    return [row]
  })
}

/** What a gateway still holds when all have gone. */
async function leftOver(live: { connections: number }) {
  const text = await figures()
  // A stream of these subgraphs sees that it was left when it has something to tell.
  await whenAnswered(`${SUBGRAPHS}/fire`)
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const stat = JSON.parse(await whenAnswered(`${SUBGRAPHS}/stat`)) as { upstreams: number }
  return [
    { what: 'connections that clients had opened', left: live.connections },
    { what: 'open connections', left: figureIn(text, 'dbsbm_gateway_live_connections{') },
    { what: 'running subscriptions', left: figureIn(text, 'dbsbm_gateway_subscriptions{') },
    { what: 'streams of the gateway at the subgraph', left: stat.upstreams },
  ]
}

async function run(place: Place): Promise<Findings> {
  const first = startSubgraphs(place.live)
  const sdl = await whenAnswered(`${SUBGRAPHS}/supergraph`)
  await writeFile(place.file, sdl)
  const env = { SUPERGRAPH: place.file, PORT: String(GATEWAY_PORT) }
  await using gateway = startShell(OUR_COMMAND, place.live, {
    ...{ ...env, GATEWAY_MAX_CLIENT_CONNECTIONS: '10000', GATEWAY_METRICS: 'true' },
  })
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } }
  await whenAnswered(`http://${HOST}`, { ...asked, body: '{"query":"{__typename}"}' })
  const disturbing = disturb({ ...place, sdl }, first)
  try {
    const begunAt = performance.now()
    const traffic = startTraffic(HOST, { subscribers: 200, slow: 20, askers: 8 })
    const samples: Sample[] = []
    const stopSampling = every(
      SAMPLE_MS,
      async () => void samples.push(await sample(begunAt, Number(gateway.child.pid))),
    )
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
    await stopSampling()
    await traffic.stop()
    await disturbing.rest()
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    // Awaited here: what it asks must still be there.
    return await findings(samples, { ...traffic.counts, ...disturbing.happened })
  } finally {
    await disturbing.rest()
    await disturbing.end()
  }
}

async function findings(
  samples: readonly Sample[],
  counts: Record<string, number> & { connections: number },
): Promise<Findings> {
  return {
    tables: [
      { title: 'Memory of the gateway, from the beginning to the end', rows: partRows(samples) },
      {
        title: 'What happened',
        rows: Object.entries(counts).map(([what, times]) => ({ what, times })),
      },
      { title: 'What is left when all have gone', rows: await leftOver(counts) },
    ],
    notes: [
      'Resident is the gateway with its planner; the heap is its own.',
      `${SECONDS} s: the supergraph is exchanged every ${SWAP_MS / 1000} s, both subgraphs are killed every ${KILL_MS / 1000} s and are away for half a second and more, an event is fired every ${FIRE_MS} ms.`,
      '200 subscribers stay for half a second to six and are cut without a word, 20 more read nothing, 8 clients ask 300 different queries.',
      'Plans and filtered operations of each version are remembered until it is exchanged: the heap swings, its least value is what stays.',
    ],
  }
}

async function measure(): Promise<Findings> {
  const peers = preparePeers()
  if ('missing' in peers) return { tables: [], notes: [`Not measured: ${peers.missing}.`] }
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-bench-'))
  try {
    return await run({ live: peers.live, file: join(folder, 'supergraph.graphql'), sdl: '' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Hours of traffic in miniature: what grows, and what is left over. */
export const soakBenchmark: Benchmark = { name: 'soak', title: 'Soak', measure }
