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
}

export type Load = {
  url: string
  clients: number
  seconds: number
  /** The body of the next request, or that with headers of its own. */
  body: () => string | { body: string; headers: Record<string, string> }
  headers?: Record<string, string>
  /** The process whose CPU time is counted. */
  pid?: number
  /** Milliseconds that each client rests between two requests. */
  restMs?: number
}

/** CPU milliseconds that a process has used, from /proc (ticks of 10 ms). */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

type Answer = { status: number; text: string }

function post(agent: Agent, load: Load): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const next = load.body()
    const { body, headers: own } = typeof next === 'string' ? { body: next, headers: {} } : next
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': Buffer.byteLength(body),
      ...load.headers,
      ...own,
    }
    const sent = request(load.url, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
      })
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
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
      const { status, text } = await post(agent, load)
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
  const cpuBefore = load.pid ? cpuOf(load.pid) : 0
  const start = performance.now()
  await all(start + load.seconds * 1_000, true)
  const took = performance.now() - start
  const cpu = load.pid ? cpuOf(load.pid) - cpuBefore : null
  agent.destroy()
  times.sort((left, right) => left - right)
  const at = (share: number) => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(2))
  return {
    requests: times.length,
    failed,
    perSecond: Number(((times.length / took) * 1_000).toFixed(1)),
    p50: at(0.5),
    p99: at(0.99),
    cpuPerRequest: cpu === null ? null : Number((cpu / times.length).toFixed(3)),
  }
}
