import { checkAccepted, checkRepeated } from './books-accepted.ts'
import { checkAudit } from './books-audit.ts'
import { checkClearances, checkSettled } from './books-clearances.ts'
import { checkEvents } from './books-events.ts'
import { type Finding, finding, wrong } from './books-findings.ts'
import { checkLedger } from './books-ledger.ts'
import { copyBooks, openStore, type Store } from './books-store.ts'
import { createBoards } from './kills-board.ts'
import { plantFaults } from './kills-faults.ts'
import {
  checkFollowers,
  followAll,
  haveSeenAll,
  type PortfolioFollower,
} from './kills-followers.ts'
import { type Deed, describe, isAccepted, isHonest } from './kills-journal.ts'
import { operatorAt, signUpPlayers } from './kills-people.ts'
import { type Engine, makePlace, type OwnPlace } from './kills-places.ts'
import { type SeasonPlan, writeSeason } from './kills-season.ts'
import { createWriter, hasKey, repeat, type Writer } from './kills-writer.ts'
import { type Chance, createChance } from './season-chance.ts'
import { createProcess, type ProcessUnderTest } from './season-platform.ts'

export type KillsPlan = {
  engine: Engine
  /** The same seed: the same people, wishes, season and moments, as far as a machine repeats itself. */
  seed: number
  writers: number
  kills: number
  /** Deeds from one kill to the next, from and up to and without. */
  deedsBetween: readonly [number, number]
  season: Omit<SeasonPlan, 'seed'>
  /** Told of each kill with how many deeds had been answered. */
  onKill?: (kill: number, deeds: number) => void
}

export type KillsOutcome = {
  findings: readonly Finding[]
  planted: readonly { says: string; found: number }[]
  deeds: readonly Deed[]
  /** How often a writer had to ask again, by why. */
  repeats: ReadonlyMap<string, number>
  followers: readonly PortfolioFollower[]
  /** Rows, by what they are. */
  counts: Readonly<Record<string, number>>
  killsWhileStarting: number
  seconds: number
}

type Run = {
  plan: KillsPlan
  own: OwnPlace
  platform: ProcessUnderTest
  chance: Chance
  writers: readonly Writer[]
  followers: readonly PortfolioFollower[]
}

/** A machine that is busy with other work is not what is proved. */
const PATIENCE = { GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: '120', GATEWAY_REQUEST_TIMEOUT_SECONDS: '120' }
/** Longest wait from a deed to the blow, milliseconds. */
const HESITATION_MS = 60
/** Within this a starting process opens, migrates and begins to listen. */
const START_MS = 4_000
/** Each so many-th time the new process is killed too, while it starts. */
const STARTS_KILLED_IN = 4
const LOOK_MS = 50
const LONGEST_MS = 900_000

const pause = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds))

/** Looks until it is so. @throws when it is not within a quarter of an hour */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now()
  while (!(await isSo())) {
    if (performance.now() - began > LONGEST_MS) throw new Error(`it never came about: ${what}`)
    await pause(LOOK_MS)
  }
}

const allDeeds = (writers: readonly Writer[]) => writers.flatMap(({ deeds }) => deeds)

/** Kills at random deeds, starts again. @returns how many processes were killed while they started */
async function killAtRandom(
  { platform, chance, plan, writers }: Run,
  isOver: () => boolean,
): Promise<number> {
  let whileStarting = 0
  for (let kill = 1; kill <= plan.kills; kill += 1) {
    const place = allDeeds(writers).length + chance.between(...plan.deedsBetween)
    const isReached = () => isOver() || allDeeds(writers).length >= place
    await until(`${place} deeds are answered`, isReached)
    if (isOver()) return whileStarting
    await pause(chance.between(0, HESITATION_MS))
    await platform.kill()
    plan.onKill?.(kill, allDeeds(writers).length)
    if (kill % STARTS_KILLED_IN === 0) {
      const starting = platform.start()
      await pause(chance.between(0, START_MS))
      await platform.kill()
      await starting
      whileStarting += 1
    }
    await platform.start()
  }
  return whileStarting
}

/** The writers work while the platform is killed; each ends with an answer. */
async function disturb(run: Run): Promise<number> {
  let isOver = false
  // A writer that fails ends the run: there is nothing to wait for.
  const end = () => {
    isOver = true
  }
  const works = run.writers.map((writer) => writer.work(() => isOver).finally(end))
  const killing = killAtRandom(run, () => isOver).finally(end)
  const ended = await Promise.allSettled([killing, ...works])
  const failure = ended.find(({ status }) => status === 'rejected')
  if (failure?.status === 'rejected') throw failure.reason
  return killing
}

type Feeds = { feeds: { id: string }[] }

/** Nothing new comes: the feed pauses. */
async function pauseFeed(url: string): Promise<void> {
  await using operator = operatorAt(url)
  const { data } = await operator.ask('{ feeds { id } }')
  const input = { feedId: (data as Feeds | null)?.feeds[0]?.id }
  const query = 'mutation Pause($input: FeedInput!) { pauseFeed(input: $input) { isPaused } }'
  const { codes } = await operator.ask(query, { input })
  if (codes.length > 0) throw new Error(`the feed goes on: ${codes.join()}`)
}

async function untilQuiet(store: Store, { followers, platform }: Run): Promise<void> {
  await pauseFeed(platform.url)
  const isQuiet = async () => wrong(await checkSettled(store)).length === 0
  await until('all messages are delivered and all bets settled', isQuiet)
  // What was settled last is told too.
  await until('all messages are delivered', isQuiet)
  await until('all subscribers have seen all', () => haveSeenAll(store, followers))
}

async function repeatAll({ writers }: Run): Promise<Finding> {
  const checked = await Promise.all(
    writers.map(async (writer) => {
      const deeds = writer.deeds.filter((deed) => hasKey(deed) && isAccepted(deed))
      const answers: Awaited<ReturnType<typeof repeat>>[] = []
      for (const deed of deeds) answers.push(await repeat(writer, deed))
      return { deeds, answers }
    }),
  )
  return checkRepeated(
    checked.flatMap(({ deeds }) => deeds),
    checked.flatMap(({ answers }) => answers),
  )
}

/** All checks on what a platform left. */
async function checkBooks(store: Store, { writers, followers }: Run): Promise<Finding[]> {
  const deeds = allDeeds(writers)
  const dishonest = deeds.filter((deed) => !isHonest(deed)).map(describe)
  return [
    finding('deeds refused for a reason that no writer gave', dishonest),
    ...(await checkAccepted(store, deeds)),
    ...(await checkLedger(store)),
    ...(await checkAudit(store)),
    ...(await checkEvents(store)),
    ...(await checkFollowers(store, followers)),
    ...(await checkClearances(store)),
    ...(await checkSettled(store)),
  ]
}

const COUNTED = {
  transfers: 'select count(*) as held from transfers',
  'ledger entries': 'select count(*) as held from ledger_entries',
  bets: 'select count(*) as held from bets',
  'bets settled': `select count(*) as held from bets where settlements > 0`,
  'bets corrected': `select count(*) as held from bets where settlements > 1`,
  'bets cashed out': 'select count(*) as held from bets where cash_out_key is not null',
} as const

async function countRows(store: Store): Promise<Record<string, number>> {
  const counted = await Promise.all(
    Object.entries(COUNTED).map(async ([name, sql]) => {
      const [row] = await store.ask('analytics', sql)
      return [name, Number(row?.held)] as const
    }),
  )
  const [audit] = await store.ask('compliance', 'select count(*) as held from audit_logs')
  return { ...Object.fromEntries(counted), 'audit entries': Number(audit?.held) }
}

/** The checks on copies of the books, one fault in each. */
async function control(run: Run): Promise<KillsOutcome['planted']> {
  await using copies = await makePlace(run.plan.engine)
  await copyBooks(run.own.place, copies.place)
  await using copy = await openStore(copies.place)
  return await plantFaults(copy, async () => wrong(await checkBooks(copy, run)).length)
}

async function conclude(run: Run): Promise<Omit<KillsOutcome, 'killsWhileStarting' | 'seconds'>> {
  const { own, platform, writers, followers } = run
  await using store = await openStore(own.place)
  await untilQuiet(store, run)
  const repeated = await repeatAll(run)
  await until('the repetitions have left nothing', async () =>
    (await checkSettled(store)).every(({ count }) => count === 0),
  )
  await Promise.all(followers.map((follower) => follower.stop()))
  await platform.stop()
  const repeats = new Map<string, number>()
  for (const { caller } of writers) {
    for (const [why, times] of caller.repeats) repeats.set(why, (repeats.get(why) ?? 0) + times)
  }
  return {
    findings: [repeated, ...(await checkBooks(store, run))],
    planted: await control(run),
    deeds: allDeeds(writers),
    repeats,
    followers,
    counts: await countRows(store),
  }
}

async function openRun(plan: KillsPlan, own: OwnPlace): Promise<Run> {
  const season = await writeSeason(own.folder, { ...plan.season, seed: plan.seed })
  const platform = await createProcess({ ...own.env, ...season, ...PATIENCE })
  await platform.start()
  const players = await signUpPlayers(platform.url, plan.writers)
  const { url } = platform
  const shared = { url, boards: createBoards(), staked: new Set<string>(), all: players }
  const writers = players.map((player, index) =>
    createWriter({
      ...{ ...shared, player, isOperator: index === 0 },
      chance: createChance(plan.seed * 1_000 + index),
    }),
  )
  const chance = createChance(plan.seed)
  return { plan, own, platform, chance, writers, followers: followAll(url, writers) }
}

/** Runs the platform, kills it again and again while writers work, and holds all books against each other. */
export async function proveKills(plan: KillsPlan): Promise<KillsOutcome> {
  const began = performance.now()
  await using own = await makePlace(plan.engine)
  const run = await openRun(plan, own)
  try {
    const killsWhileStarting = await disturb(run)
    const seconds = Math.round((performance.now() - began) / 1_000)
    return { ...(await conclude(run)), killsWhileStarting, seconds }
  } finally {
    await Promise.all(run.followers.map((follower) => follower.stop()))
    await run.platform.kill()
    await Promise.all(run.writers.map(({ caller }) => caller[Symbol.asyncDispose]()))
  }
}
