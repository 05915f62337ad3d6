import { checkRepeated } from './books-accepted.ts'
import { checkBooks, countRows, type Witnessed } from './books-checks.ts'
import { checkSettled } from './books-clearances.ts'
import { type Finding, wrong } from './books-findings.ts'
import { copyBooks, openStore, type Place, type Store } from './books-store.ts'
import { createBoards } from './kills-board.ts'
import type { CallerOptions } from './kills-caller.ts'
import { plantFaults } from './kills-faults.ts'
import { followAll, haveSeenAll, type Manners, type PortfolioFollower } from './kills-followers.ts'
import { type Deed, isAccepted } from './kills-journal.ts'
import { operatorAt, signUpPlayers } from './kills-people.ts'
import type { OwnPlace } from './kills-places.ts'
import { createWriter, hasKey, repeat, type Writer } from './kills-writer.ts'
import { createChance } from './season-chance.ts'
import { until } from './until.ts'

/** The writers at work on a platform, and who follows what becomes of it. */
export type Work = AsyncDisposable & {
  url: string
  writers: readonly Writer[]
  followers: readonly PortfolioFollower[]
}

export type WorkPlan = {
  /** Of the GraphQL endpoint. */
  url: string
  seed: number
  writers: number
  /** How writers ask, and what they do between two deeds. */
  asking?: CallerOptions
  rest?: () => Promise<void>
  manners?: Manners
}

/** What the work came to, once nothing moves any more. */
export type WorkOutcome = {
  findings: readonly Finding[]
  planted: readonly { says: string; found: number }[]
  deeds: readonly Deed[]
  /** How often a writer had to ask again, by why. */
  repeats: ReadonlyMap<string, number>
  followers: readonly PortfolioFollower[]
  /** Rows, by what they are. */
  counts: Readonly<Record<string, number>>
}

/** Every deed that has its answer. */
export const allDeeds = (writers: readonly Writer[]): Deed[] =>
  writers.flatMap(({ deeds }) => deeds)

/** Signs up the players of a running platform; nobody works yet. */
export async function openWork(plan: WorkPlan): Promise<Work> {
  const { url, seed, asking, rest } = plan
  const players = await signUpPlayers(url, plan.writers)
  const shared = { url, boards: createBoards(), staked: new Set<string>(), all: players }
  const writers = players.map((player, index) =>
    createWriter({
      ...{ ...shared, player, isOperator: index === 0, asking, rest },
      chance: createChance(seed * 1_000 + index),
    }),
  )
  const followers = followAll(url, writers, plan.manners)
  return {
    ...{ url, writers, followers },
    [Symbol.asyncDispose]: async () => {
      // First the callers: a follower may wait for a token of a platform that is gone.
      await Promise.all(writers.map(({ caller }) => caller[Symbol.asyncDispose]()))
      await Promise.all(followers.map((follower) => follower.stop()))
    },
  }
}

/** All work and somebody hurts the platform; the first who is done, or fails, ends it for all. */
export async function workWhile<Result>(
  works: readonly ((isOver: () => boolean) => Promise<void>)[],
  hurt: (isOver: () => boolean) => Promise<Result>,
): Promise<Result> {
  let isOver = false
  // A writer that fails ends the run: there is nothing to wait for.
  const end = () => {
    isOver = true
  }
  const working = works.map((work) => work(() => isOver).finally(end))
  const hurting = hurt(() => isOver).finally(end)
  const ended = await Promise.allSettled([hurting, ...working])
  const failure = ended.find(({ status }) => status === 'rejected')
  if (failure?.status === 'rejected') throw failure.reason
  return hurting
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

async function untilQuiet(store: Store, { url, followers }: Work): Promise<void> {
  await pauseFeed(url)
  const isQuiet = async () => wrong(await checkSettled(store)).length === 0
  await until('all messages are delivered and all bets settled', isQuiet)
  // What was settled last is told too.
  await until('all messages are delivered', isQuiet)
  await until('all subscribers have seen all', () => haveSeenAll(store, followers))
}

async function repeatAll({ writers }: Work): Promise<Finding> {
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

function sumRepeats(writers: readonly Writer[]): Map<string, number> {
  const repeats = new Map<string, number>()
  for (const { caller } of writers) {
    for (const [why, times] of caller.repeats) repeats.set(why, (repeats.get(why) ?? 0) + times)
  }
  return repeats
}

export type Conclusion = {
  place: Place
  /** Empty databases beside those of the place. */
  makeCopies: () => Promise<OwnPlace>
  /** Ends the platform as a service manager does. */
  stop: () => Promise<unknown>
  /** Looked at once the books are quiet and the platform still runs; the findings are more of them. */
  lookOn?: (store: Store) => Promise<Finding[]>
}

/** The checks on copies of the books, one fault in each. */
async function control({ place, makeCopies }: Conclusion, witnessed: Witnessed) {
  await using copies = await makeCopies()
  await copyBooks(place, copies.place)
  await using copy = await openStore(copies.place)
  return await plantFaults(copy, async () => wrong(await checkBooks(copy, witnessed)).length)
}

/** Waits until nothing moves any more, stops the platform, and holds all books against each other. */
export async function concludeWork(work: Work, conclusion: Conclusion): Promise<WorkOutcome> {
  const { place, stop, lookOn = async () => [] } = conclusion
  const { writers, followers } = work
  await using store = await openStore(place)
  await untilQuiet(store, work)
  const repeated = await repeatAll(work)
  await until('the repetitions have left nothing', async () =>
    (await checkSettled(store)).every(({ count }) => count === 0),
  )
  const seenBeside = await lookOn(store)
  await Promise.all(followers.map((follower) => follower.stop()))
  await stop()
  const witnessed = { deeds: allDeeds(writers), followers }
  return {
    findings: [repeated, ...seenBeside, ...(await checkBooks(store, witnessed))],
    planted: await control(conclusion, witnessed),
    ...witnessed,
    repeats: sumRepeats(writers),
    counts: await countRows(store),
  }
}
