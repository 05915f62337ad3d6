import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'

/** What one closed-loop run measured; times in milliseconds. */
export type Figures = {
  requests: number
  failed: number
  perSecond: number
  p50: number
  p99: number
  /** User and system time of the measured process per request; null without a process. */
  cpuPerRequest: number | null
  /** The same by meter. */
  cpuOf: Readonly<Record<string, number | null>>
}

/** Reads the CPU milliseconds that somebody has used so far; null where nobody may know. */
export type CpuMeter = () => number | null

export type Load = {
  url: string
  clients: number
  seconds: number
  /** The body of the next request, or that with headers of its own. */
  body: () => string | { body: string; headers: Record<string, string> }
  headers?: Record<string, string>
  /** The process whose CPU time is counted. */
  pid?: number
  /** Others whose CPU time is counted, by name. */
  meters?: Readonly<Record<string, CpuMeter>>
  /** Milliseconds that each client rests between two requests. */
  restMs?: number
}

/** CPU milliseconds that a process has used, from /proc (ticks of 10 ms). */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** What a server said. */
export type Answer = { status: number; text: string }

export type Post = { url: string; body: string; headers?: Record<string, string> | undefined }

/** Longer than any time-out of the gateway: whoever waits longer waits in vain. */
const LONGEST_WAIT_MS = 45_000

/** Sends one request. Rejects when no whole answer comes. */
export function post(agent: Agent, { url, body, headers: own }: Post): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': Buffer.byteLength(body),
      ...own,
    }
    const options = { method: 'POST', agent, headers, timeout: LONGEST_WAIT_MS }
    const sent = request(url, options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
      })
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${LONGEST_WAIT_MS} ms`)))
    sent.end(body)
  })
}

/** The time within which a share of the requests was answered; `times` are sorted. */
export const quantile = (times: readonly number[], share: number): number =>
  Number((times[Math.floor(times.length * share)] ?? 0).toFixed(2))

/** Starts reading meters; the answer tells what was used since. */
function startMeters(meters: Readonly<Record<string, CpuMeter>>) {
  const before = Object.entries(meters).map(([name, read]) => ({ name, read, began: read() }))
  return (requests: number): Record<string, number | null> => {
    const used = before.map(({ name, read, began }) => {
      const now = read()
      const isKnown = now !== null && began !== null && requests > 0
      return [name, isKnown ? Number(((now - began) / requests).toFixed(3)) : null]
    })
    return Object.fromEntries(used)
  }
}

/** The next request of a load. */
function nextPost({ url, body, headers }: Load): Post {
  const next = body()
  if (typeof next === 'string') return { url, body: next, headers }
  return { url, body: next.body, headers: { ...headers, ...next.headers } }
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** Runs clients that each send the next request when they have their answer. */
export async function runLoad(load: Load): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.clients })
  const times: number[] = []
  let failed = 0
  const until = async (end: number, isCounted: boolean) => {
    while (performance.now() < end) {
      const start = performance.now()
      const { status, text } = await post(agent, nextPost(load))
      const isFailure = status !== 200 || text.includes('"errors":')
      if (isFailure && failed++ === 0)
        process.stderr.write(`first failure: ${status} ${text.slice(0, 300)}\n`)
      if (isCounted) times.push(performance.now() - start)
      if (load.restMs) await pause(load.restMs)
    }
  }
  const all = (end: number, isCounted: boolean) =>
    Promise.all(Array.from({ length: load.clients }, () => until(end, isCounted)))
  await all(performance.now() + Math.min(3_000, load.seconds * 300), false)
  failed = 0
  const { pid, meters = {} } = load
  const usedSince = startMeters({ ...meters, ...(pid && { pid: () => cpuOf(pid) }) })
  const start = performance.now()
  await all(start + load.seconds * 1_000, true)
  const took = performance.now() - start
  const used = usedSince(times.length)
  agent.destroy()
  times.sort((left, right) => left - right)
  return {
    requests: times.length,
    failed,
    perSecond: Number(((times.length / took) * 1_000).toFixed(1)),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    cpuPerRequest: used.pid ?? null,
    cpuOf: used,
  }
}
