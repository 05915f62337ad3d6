import { type Finding, finding } from './books-findings.ts'
import { gaugeCpu, type Memory, readMemory } from './cluster-gauges.ts'
import { type Load, type LoadPlan, openLoad } from './cluster-load.ts'
import { untilWhole } from './cluster-readiness.ts'
import { type Counted, createTally, type RequestTally } from './cluster-tally.ts'
import { type ClusterPlan, type ClusterWorld, openClusterWorld } from './cluster-world.ts'
import { allDeeds, concludeWork, type WorkOutcome, workWhile } from './kills-work.ts'
import { pause, until } from './until.ts'

/** One thing that is done to a cluster under load. */
export type Act = {
  says: string
  /** Resolves when nothing more is to be done but to wait until all are ready. */
  act: (world: ClusterWorld, load: Load) => Promise<void>
  /** Whether the time of the act is one in which a server is away. */
  isAway?: boolean
  /** Whether processes may be ready with a reservation, as they are while versions differ. */
  mayBeReserved?: boolean
}

export type ClusterRunPlan = ClusterPlan & {
  load: Omit<LoadPlan, 'seed'>
  acts: readonly Act[]
  /** From the beginning of one act to that of the next, unless it takes longer to get over the first. */
  everyMs: number
  /** Work before the first act and after the last, milliseconds. */
  calmMs: number
  say?: (line: string) => void
}

/** An act and what became of it. */
export type Suffered = {
  says: string
  /** Milliseconds of the clock. */
  at: number
  /** How long a server was away, by plan; null for a process, which its supervisor starts again. */
  awayMs: number | null
  /** Until every process said that it is ready, milliseconds. */
  wholeAfterMs: number
}

export type ClusterOutcome = WorkOutcome & {
  suffered: readonly Suffered[]
  counted: readonly Counted[]
  cuts: ReadonlyMap<string, number>
  memory: { before: Memory; after: Memory }
  restarts: ReadonlyMap<string, number>
  errorLines: readonly { says: string; times: number }[]
  subscribers: { count: number; events: number }
  /** Percentage of the machine's cores, other work included. */
  cpuShare: number
  seconds: number
}

type Run = {
  plan: ClusterRunPlan
  world: ClusterWorld
  load: Load
  tally: RequestTally
  suffered: Suffered[]
}

async function suffer({ world, plan, load }: Run, { says, act, ...one }: Act): Promise<Suffered> {
  const at = Date.now()
  try {
    await act(world, load)
    const awayMs = one.isAway ? Date.now() - at : null
    await untilWhole(world.supervisor.programs, one)
    return { says, at, awayMs, wholeAfterMs: Date.now() - at }
  } catch (failure) {
    // Told at once: those who work may wait long for their last answer.
    plan.say?.(`${says}: ${failure}; ${world.supervisor.ownEnds.join('; ')}`)
    throw failure
  }
}

const hasBet = ({ work }: Load): boolean =>
  allDeeds(work.writers).some(({ kind, code }) => kind === 'bet' && code === null)

async function sufferAll(run: Run, isOver: () => boolean): Promise<Memory> {
  const { plan, world, suffered } = run
  await pause(plan.calmMs)
  // Whatever happens then happens to people who have something to lose.
  await until('somebody has bet', () => isOver() || hasBet(run.load))
  const before = await readMemory(world.supervisor.programs)
  for (const act of plan.acts) {
    if (isOver()) break
    const one = await suffer(run, act)
    suffered.push(one)
    plan.say?.(`${one.says}: all ready after ${(one.wholeAfterMs / 1_000).toFixed(1)} s`)
    await pause(Math.max(0, one.at + plan.everyMs - Date.now()))
  }
  await pause(plan.calmMs)
  return before
}

const SAY_MS = 60_000

/** Says once a minute how far it is. @returns what ends it */
function sayProgress({ plan, tally, suffered }: Run): () => void {
  const endsAt = Date.now() + plan.calmMs * 2 + plan.acts.length * plan.everyMs
  let cpu = gaugeCpu()
  const timer = setInterval(() => {
    const left = Math.max(0, Math.round((endsAt - Date.now()) / 60_000))
    const acts = `${suffered.length} of ${plan.acts.length} done`
    plan.say?.(`${left} minutes left, ${acts}, ${tally.counted().length} requests, ${cpu()} % CPU`)
    cpu = gaugeCpu()
  }, SAY_MS)
  return () => clearInterval(timer)
}

async function disturb(run: Run): Promise<Pick<ClusterOutcome, 'cpuShare' | 'memory'>> {
  const cpu = gaugeCpu()
  const silence = sayProgress(run)
  try {
    const before = await workWhile(run.load.works, (isOver) => sufferAll(run, isOver))
    const after = await readMemory(run.world.supervisor.programs)
    return { memory: { before, after }, cpuShare: cpu() }
  } finally {
    silence()
  }
}

/** Processes that ended when nobody ended them, or that did not end as they were told. */
function endings(world: ClusterWorld, codes: ReadonlyMap<string, number | null>): Finding[] {
  const unruly = [...codes].filter(([, code]) => code !== 0)
  return [
    finding('processes that ended by themselves', world.supervisor.ownEnds),
    finding(
      'processes that did not end in order when told to',
      unruly.map(([name, code]) => `${name}: ${code ?? 'killed'}`),
    ),
  ]
}

async function conclude({ world, load }: Run): Promise<WorkOutcome> {
  const { place, servers, supervisor } = world
  let codes: ReadonlyMap<string, number | null> = new Map()
  const stop = async () => {
    codes = await supervisor.stop()
  }
  const { makeCopies } = servers
  const { work, lookOn } = load
  const outcome = await concludeWork(work, { place, makeCopies, stop, lookOn })
  return { ...outcome, findings: [...outcome.findings, ...endings(world, codes)] }
}

/** Runs a cluster under load, does everything to it that the plan says, and counts what its clients met. */
export async function runCluster(plan: ClusterRunPlan): Promise<ClusterOutcome> {
  await using stack = new AsyncDisposableStack()
  const world = stack.use(await openClusterWorld(plan))
  const tally = createTally()
  plan.say?.('all processes are ready')
  const load = stack.use(await openLoad(world.url, { ...plan.load, seed: plan.seed }, tally))
  plan.say?.('everybody is there')
  const began = performance.now()
  const run: Run = { plan, world, load, tally, suffered: [] }
  const figures = await disturb(run)
  const endedAt = Date.now()
  const seconds = Math.round((performance.now() - began) / 1_000)
  const outcome = await conclude(run)
  const followers = [...load.work.followers, ...load.shared]
  return {
    ...{ ...outcome, ...figures, seconds, suffered: run.suffered },
    // What was asked to conclude would make the share of failures smaller than it is.
    counted: tally.counted().filter(({ startedAt }) => startedAt < endedAt),
    ...{ cuts: tally.cuts(), errorLines: world.errorLines.told() },
    restarts: world.supervisor.restarts,
    subscribers: {
      count: followers.length,
      events: followers.reduce((total, { seen }) => total + seen.length, 0),
    },
  }
}
