import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CrowdNews, CrowdOrder } from './crowd-clients.ts'
import { cpuOfAll, processesOf, residentKb } from './processes.ts'

/** Many live connections of several client processes on one server. */
export type Crowd = {
  url: string
  connections: number
  /** Of the server; those that it has started count with it. */
  pid: number
  /** Makes one event, for all. */
  fire: () => Promise<void>
  events: number
}

/** What one event took, from its making to each who got it. */
export type Wave = {
  received: number
  firstMs: number
  medianMs: number
  lastMs: number
  cpuUsPerDelivery: number
}

export type CrowdFigures = {
  open: number
  kbPerConnection: number
  openingSeconds: number
  waves: readonly Wave[]
  /** Refused, cut or answered with an error. */
  failed: number
}

/** Below what a process may hold open here. */
const PER_PROCESS = 17_000
const ADDRESSES = 20
const SETTLE_MS = 3_000
const OPENING_MS = 300_000
const WAVE_MS = 60_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const now = () => performance.timeOrigin + performance.now()

async function newsOf<Kind extends CrowdNews['kind']>(
  child: ChildProcess,
  kind: Kind,
  mostMs: number,
): Promise<Extract<CrowdNews, { kind: Kind }>> {
  const [news] = (await once(child, 'message', { signal: AbortSignal.timeout(mostMs) })) as [
    CrowdNews,
  ]
  if (news.kind !== kind) throw new Error(`a client process said ${news.kind}`)
  return news as Extract<CrowdNews, { kind: Kind }>
}

function tell(child: ChildProcess, order: CrowdOrder): void {
  child.send(order)
}

const CLIENTS = fileURLToPath(new URL('crowd-clients.ts', import.meta.url))

async function openAll(clients: readonly ChildProcess[], { url, connections }: Crowd) {
  const share = Math.ceil(connections / clients.length)
  const opened = clients.map((client, index) => {
    const count = Math.min(share, connections - index * share)
    const firstAddress = 1 + index * ADDRESSES
    tell(client, { kind: 'open', url, count, firstAddress, addresses: ADDRESSES })
    return newsOf(client, 'opened', OPENING_MS)
  })
  const news = await Promise.all(opened)
  return news.reduce((sum, { open }) => sum + open, 0)
}

async function wave(clients: readonly ChildProcess[], crowd: Crowd) {
  const told = clients.map((client) => {
    tell(client, { kind: 'await', mostMs: WAVE_MS })
    return newsOf(client, 'received', 2 * WAVE_MS)
  })
  const cpu = cpuOfAll(processesOf(crowd.pid))
  const madeAt = now()
  await crowd.fire()
  const news = await Promise.all(told)
  const at = news.flatMap((one) => one.at).toSorted((left, right) => left - right)
  const after = (place: number) => Math.round((at[place] ?? Number.NaN) - madeAt)
  return {
    failed: news.reduce((sum, one) => sum + one.failed, 0),
    wave: {
      received: at.length,
      firstMs: after(0),
      medianMs: after(Math.floor(at.length / 2)),
      lastMs: after(at.length - 1),
      cpuUsPerDelivery: Math.round(
        ((cpuOfAll(processesOf(crowd.pid)) - cpu) * 1000) / Math.max(1, at.length),
      ),
    },
  }
}

/** Opens the connections, makes the events one after the other, and ends what it started. */
export async function measureCrowd(crowd: Crowd): Promise<CrowdFigures> {
  const clients = Array.from({ length: Math.ceil(crowd.connections / PER_PROCESS) }, () =>
    fork(CLIENTS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  )
  try {
    const before = residentKb(processesOf(crowd.pid))
    const begunAt = now()
    const open = await openAll(clients, crowd)
    const openingSeconds = Math.round((now() - begunAt) / 1000)
    await pause(SETTLE_MS)
    const kb = (residentKb(processesOf(crowd.pid)) - before) / Math.max(1, open)
    const waves: Wave[] = []
    let failed = 0
    for (let event = 0; event < crowd.events; event++) {
      const made = await wave(clients, crowd)
      waves.push(made.wave)
      failed = made.failed
      await pause(1_000)
    }
    return { open, kbPerConnection: Number(kb.toFixed(1)), openingSeconds, waves, failed }
  } finally {
    for (const client of clients) client.disconnect()
  }
}
