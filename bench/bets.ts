import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createBets,
  type Offer,
  type Player,
  readOffers,
  signInAgain,
  signUpPlayers,
} from './bets-players.ts'
import type { Manner } from './bets-server.ts'
import { emptyDatabases } from './databases.ts'
import { cpuOf, type Figures, runLoad } from './load.ts'
import type { Benchmark, Findings, Table } from './report.ts'

const PORT = 4272
const CLIENTS = 50
const SECONDS = 6
const ROUNDS = 2
/** A process that just started compiles what it runs often. */
const WARM_UP_SECONDS = 10
const MANNERS: readonly Manner[] = ['whole', 'unaudited', 'unasked']
/** A bettor who takes so long between two bets: 50 of them bet as often as a busy guild does. */
const REST_MS = 4_000
const REST_SECONDS = 12
/** Within this the platform has delivered what the bets left behind. */
const LONGEST_AFTERMATH_MS = 6_000
/** A fixture that is bet on begins no sooner. */
const STAYS_MS = 600_000
/** Seconds between two prices of the simulator: with one of them its games have just been announced. */
const PACES = [20, 23, 29, 37]

type Server = AsyncDisposable & {
  url: string
  pid: number
  be: (manner: Manner) => Promise<void>
}

const heard = <Message>(child: ChildProcess): Promise<Message> =>
  new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message))
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code}`)))
  })

/** The platform in a process of its own, on its own files or on the databases that `env` names. */
async function startServer(env: Record<string, string>): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-bench-'))
  const child = fork(new URL('./bets-server.ts', import.meta.url), {
    env: {
      ...process.env,
      ...{ LOG_LEVEL: 'error', DATA_DIR: folder, PORT: String(PORT) },
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const { url } = await heard<{ url: string }>(child)
  return {
    url,
    pid: child.pid ?? 0,
    be: async (manner) => {
      child.send(manner)
      await heard(child)
    },
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** Waits until a process does little, or long enough: what follows a bet belongs to its cost. */
async function untilQuiet(pid: number): Promise<void> {
  const began = performance.now()
  for (let before = cpuOf(pid); ; ) {
    await pause(500)
    const now = cpuOf(pid)
    if (now - before < 100 || performance.now() - began > LONGEST_AFTERMATH_MS) return
    before = now
  }
}

type Run = Figures & { manner: Manner; totalCpu: number }
type World = {
  server: Server
  players: readonly Player[]
  signedInAt: number
  offers: readonly Offer[]
}

/** Access tokens last five minutes. */
const TOKENS_KEPT_MS = 150_000

async function keepSignedIn(world: World): Promise<void> {
  if (performance.now() - world.signedInAt < TOKENS_KEPT_MS) return
  world.players = await signInAgain(world.server.url, world.players)
  world.signedInAt = performance.now()
}

const NAMES: Readonly<Record<Manner, string>> = {
  whole: 'as it is: audited, compliance asked',
  unaudited: 'without audit records',
  unasked: 'without asking compliance',
}

let runs = 0

async function measureRun(
  world: World,
  { manner, restMs, seconds }: { manner: Manner; restMs: number; seconds: number },
): Promise<Run> {
  await keepSignedIn(world)
  const { server, players, offers } = world
  const { url, pid } = server
  await server.be(manner)
  runs += 1
  const next = createBets(players, offers, `run-${runs}`)
  let asked = 0
  const body = () => {
    asked += 1
    return next()
  }
  const before = cpuOf(pid)
  const figures = await runLoad({ url, pid, clients: CLIENTS, seconds, body, restMs })
  await untilQuiet(pid)
  const totalCpu = Number(((cpuOf(pid) - before) / asked).toFixed(2))
  say(
    `${NAMES[manner]}: ${figures.requests} bets, ${figures.perSecond} a second, ${totalCpu} ms each`,
  )
  return { ...figures, manner, totalCpu }
}

const bestOf = (all: readonly Run[]) =>
  all.toSorted((left, right) => left.totalCpu - right.totalCpu)[0] as Run

const rowOf = (engine: string, what: string, run: Run) => ({
  ...{ engine, what, clients: CLIENTS },
  'CPU ms/bet, placing': run.cpuPerRequest,
  'CPU ms/bet, with what follows': run.totalCpu,
  'bets/s': run.perSecond,
  'p50 ms': run.p50,
  'p99 ms': run.p99,
  bets: run.requests,
  failed: run.failed,
})

type Rows = Table['rows'][number][]

/** A platform whose games begin late enough. */
async function startWithOffers(env: Record<string, string>) {
  for (const seconds of PACES) {
    await using stack = new AsyncDisposableStack()
    const feed = { ODDS_FEED_INTERVAL_SECONDS: String(seconds) }
    const server = stack.use(await startServer({ ...env, ...feed }))
    const offers = await readOffers(server.url, STAYS_MS)
    if (offers.length === 0) continue
    stack.move()
    return { server, offers }
  }
  throw new Error('there is nothing to bet on')
}

async function measureOn(engine: string, env: Record<string, string>): Promise<Rows> {
  await using stack = new AsyncDisposableStack()
  const { server, offers } = await startWithOffers(env)
  stack.use(server)
  const began = performance.now()
  const players = await signUpPlayers(server.url, CLIENTS)
  say(`${engine}: ${CLIENTS} members in ${Math.round((performance.now() - began) / 1_000)} s`)
  const world = { server, players, signedInAt: began, offers }
  await measureRun(world, { manner: 'whole', restMs: 0, seconds: WARM_UP_SECONDS })
  const found: Run[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const manner of MANNERS) {
      found.push(await measureRun(world, { manner, restMs: 0, seconds: SECONDS }))
    }
  }
  const resting = await measureRun(world, {
    ...{ manner: 'whole', restMs: REST_MS, seconds: REST_SECONDS },
  })
  const closed = [...Map.groupBy(found, ({ manner }) => manner)]
  return [
    ...closed.map(([manner, all]) => rowOf(engine, NAMES[manner], bestOf(all))),
    rowOf(engine, `as it is, each client rests ${REST_MS / 1_000} s`, resting),
  ]
}

async function measureOnMariadb(): Promise<Rows> {
  await using databases = await emptyDatabases()
  const rows = await measureOn('MariaDB', databases.env)
  return rows
}

async function measure(): Promise<Findings> {
  const rows = [...(await measureOn('SQLite', {})), ...(await measureOnMariadb())]
  return {
    tables: [{ title: 'Placing a bet over HTTP, as members of a guild', rows }],
    notes: [
      'Embedded: gateway, all five subgraphs and their jobs in one process; SQLite in files with a disk write per commit, or one MariaDB database per subgraph on the same machine. Load and servers share the cores; the CPU of MariaDB itself is not counted.',
      `${CLIENTS} members with tokens and accounts of their own; each bet is a single at whatever price stands. Rows without a rest are a closed loop: each client bets again when it has its answer, so that the waiting time is clients over bets per second.`,
      `The three manners alternate in one run, ${ROUNDS} rounds of ${SECONDS} s each; the round with less CPU stands here. "With what follows" counts until the process is quiet again: delivery of audit records and clearances by the relay, their hashing into the chain.`,
      'Goal: p99 under 200 ms at 50 clients on MariaDB.',
    ],
  }
}

/** What a bet costs, and what of that is audit and compliance. */
export const betsBenchmark: Benchmark = { name: 'bets', title: 'Placing bets', measure }
