import { CHEAP, createAccounts, GUILD_BOARD, signInAsOperator, signInBody } from './demo.ts'
import { type RunningPlatform, startPlatform } from './embedded.ts'
import { cpuOf, type Figures, runLoad } from './load.ts'
import type { Benchmark, Findings } from './report.ts'

const PORT = 4252
const CLIENTS = 50
const SECONDS = 10
const IDLE_SECONDS = 5
/** Each account is asked for rarely enough that no two sign-ins of one run at once. */
const ACCOUNTS = 40
const SIGN_IN_CLIENTS = 8
/** Those who ask the cheap question while others sign in: a hundred times a second together. */
const WATCHERS = { clients: 4, restMs: 40 }

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const row = (what: string, clients: number, figures: Figures) => ({
  what,
  clients,
  'CPU ms/request': figures.cpuPerRequest,
  'requests/s': figures.perSecond,
  'p50 ms': figures.p50,
  'p99 ms': figures.p99,
  requests: figures.requests,
  failed: figures.failed,
})

async function measureQuery({ url, pid }: RunningPlatform, query: string): Promise<Figures> {
  const headers = bearer(await signInAsOperator(url))
  const body = JSON.stringify({ query })
  return runLoad({ url, pid, headers, clients: CLIENTS, seconds: SECONDS, body: () => body })
}

/** CPU milliseconds per second that the platform uses when nobody asks: simulator, relay, jobs. */
async function measureIdle({ pid }: RunningPlatform): Promise<number> {
  const before = cpuOf(pid)
  await new Promise((done) => setTimeout(done, IDLE_SECONDS * 1_000))
  return (cpuOf(pid) - before) / IDLE_SECONDS
}

async function measureSignIns(platform: RunningPlatform) {
  const { url, pid } = platform
  const token = await signInAsOperator(url)
  const bodies = (await createAccounts(url, { token, count: ACCOUNTS })).map(signInBody)
  let next = 0
  const body = () => bodies[next++ % bodies.length] ?? ''
  const signIns = { url, pid, clients: SIGN_IN_CLIENTS, seconds: SECONDS, body }
  const watch = {
    url,
    ...WATCHERS,
    seconds: SECONDS,
    headers: bearer(token),
    body: () => JSON.stringify({ query: CHEAP }),
  }
  const quiet = await runLoad(watch)
  const alone = await runLoad(signIns)
  const [together, meanwhile] = await Promise.all([runLoad(signIns), runLoad(watch)])
  return { quiet, alone, together, meanwhile }
}

async function measure(): Promise<Findings> {
  await using platform = await startPlatform(PORT)
  const idle = await measureIdle(platform)
  const demo = await measureQuery(platform, GUILD_BOARD)
  const cheap = await measureQuery(platform, CHEAP)
  const { quiet, alone, together, meanwhile } = await measureSignIns(platform)
  const perCpuSecond = (1_000 / (alone.cpuPerRequest ?? Number.NaN)).toFixed(1)
  const { clients } = WATCHERS
  return {
    tables: [
      {
        title: 'Closed loop: each client asks again when it has its answer',
        rows: [
          row('demo query GuildBoard, three subgraphs', CLIENTS, demo),
          row('cheap query `{ me { id } }`', CLIENTS, cheap),
          row('sign-in by password, alone', SIGN_IN_CLIENTS, alone),
          row('sign-in by password, with the row below', SIGN_IN_CLIENTS, together),
          row('cheap query meanwhile, each client rests 40 ms', clients, meanwhile),
          row('cheap query with nobody signing in, rests 40 ms', clients, quiet),
        ],
      },
    ],
    notes: [
      `Sign-ins per second of CPU, everything included: ${perCpuSecond} (goal 25); p99 of the cheap query meanwhile: ${meanwhile.p99} ms (goal under 50).`,
      `One process serves gateway, subgraphs and databases; load and server share the cores. At rest it uses ${idle.toFixed(0)} ms of CPU per second (simulated odds, relay, jobs), which the figures include.`,
      `Sign-ins go round ${ACCOUNTS} accounts made through the API; limits and locks of sign-in are on. The CPU of sign-ins beside the cheap query contains that query.`,
    ],
  }
}

/** The whole platform in one process, as `npm start` runs it. */
export const platformBenchmark: Benchmark = {
  name: 'platform',
  title: 'Embedded platform',
  measure,
}
