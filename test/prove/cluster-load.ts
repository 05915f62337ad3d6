import { EXAMPLES } from '../kit/examples.ts'
import type { Finding } from './books-findings.ts'
import type { Store } from './books-store.ts'
import {
  checkShared,
  followShared,
  haveSeenAllShared,
  type SharedFollower,
  TENANT,
} from './cluster-followers.ts'
import type { RequestTally } from './cluster-tally.ts'
import { type Account, type Caller, type CallerOptions, createCaller } from './kills-caller.ts'
import { OPERATOR } from './kills-people.ts'
import { openWork, type Work } from './kills-work.ts'
import { pause, until } from './until.ts'

/** Who does how much; pauses in milliseconds, of each. */
export type LoadPlan = {
  seed: number
  writers: number
  writersPauseMs: number
  readers: number
  readersPauseMs: number
  signers: number
  signersPauseMs: number
  /** Between two changes of a tenant's flags, which its subscribers hear of. */
  flagsPauseMs: number
  /** All of them, the two of each writer included. */
  subscribers: number
}

/** Everybody who uses the platform. */
export type Load = AsyncDisposable & {
  work: Work
  shared: readonly SharedFollower[]
  /** Each works until told that it is over. */
  works: readonly ((isOver: () => boolean) => Promise<void>)[]
  /** Waits until all have seen all of the shared topics, and holds it against the tables. */
  lookOn: (store: Store) => Promise<Finding[]>
}

/** The first wait of whoever comes back, and the longest; each is twice the one before, less a part by chance. */
export const BACK_OFF = { firstMs: 100, longestMs: 2_000 } as const
/** One try of a client ends with the gateway's own bound. */
const ANSWER_MS = 40_000
/** Longer than any process may take to be ready again. */
const LONGEST_MS = 300_000

const ADMIN: Account = { email: 'admin@acme.example', password: 'demo-admin', tenantId: TENANT }
const ANALYST: Account = {
  ...{ email: 'analyst@acme.example', password: 'demo-analyst', tenantId: TENANT },
}
const FLAG = `mutation Switch($input: SetFeatureFlagInput!) { setFeatureFlag(input: $input) { id } }`

/** Each client waits a little otherwise, so that they do not come back all at once. */
function comeBackMs(tries: number): number {
  const longest = Math.min(BACK_OFF.firstMs * 2 ** Math.min(tries - 1, 10), BACK_OFF.longestMs)
  return longest * (0.5 + Math.random() / 2)
}

/** The playground's questions over several subgraphs. */
const QUESTIONS = EXAMPLES.filter((text) => /^query (FiveSubgraphs|GuildBoard) /m.test(text))

/** Repeats one act with a pause until it is over. */
const repeating =
  (pauseMs: number, act: (index: number) => Promise<void>) => async (isOver: () => boolean) => {
    for (let index = 0; !isOver(); index += 1) {
      await act(index)
      await pause(pauseMs)
    }
  }

const refuse = (what: string, codes: readonly string[]) => {
  if (codes.length > 0) throw new Error(`${what} was refused: ${codes.join()}`)
}

const reading = (caller: Caller, pauseMs: number) =>
  repeating(pauseMs, async (index) => {
    const question = QUESTIONS[index % QUESTIONS.length] ?? ''
    refuse('a question', (await caller.ask(question)).codes)
  })

const switching = (caller: Caller, pauseMs: number) =>
  repeating(pauseMs, async (index) => {
    const flag = { tenantId: TENANT, key: 'live.proof', description: 'Of the proof.' }
    // Every change differs from the one before, else there is no news.
    const input = { ...flag, isEnabled: index % 2 === 0, rolloutPercent: index % 101 }
    refuse('a flag', (await caller.ask(FLAG, { input })).codes)
  })

type Open = { url: string; plan: LoadPlan; asking: CallerOptions; stack: AsyncDisposableStack }

/** One caller for each of so many. */
const openCallers = ({ url, asking, stack }: Open, count: number, account: Account): Caller[] =>
  Array.from({ length: count }, () => stack.use(createCaller(url, account, asking)))

function openOthers(open: Open): Load['works'] {
  const { plan } = open
  const readers = openCallers(open, plan.readers, ADMIN)
  const signers = openCallers(open, plan.signers, ANALYST)
  const switchers = openCallers(open, 1, ADMIN)
  return [
    ...readers.map((caller) => reading(caller, plan.readersPauseMs)),
    ...signers.map((caller) =>
      repeating(plan.signersPauseMs, async () => void (await caller.signIn())),
    ),
    ...switchers.map((caller) => switching(caller, plan.flagsPauseMs)),
  ]
}

async function openAll(open: Open, tally: RequestTally): Promise<Load> {
  const { url, plan, asking, stack } = open
  const { seed, writers } = plan
  const manners = { comeBackMs, onLineEnd: tally.lineEnded }
  const rest = () => pause(plan.writersPauseMs)
  const work = stack.use(await openWork({ url, seed, writers, asking, rest, manners }))
  const caller = stack.use(createCaller(url, OPERATOR, asking))
  const count = plan.subscribers - work.followers.length
  const shared = followShared(url, count, { caller, manners })
  stack.defer(() => stopAll(shared))
  return {
    ...{ work, shared },
    works: [...work.writers.map((writer) => writer.work), ...openOthers(open)],
    lookOn: async (store) => {
      await until('all have seen all of the shared topics', () => haveSeenAllShared(store, shared))
      await stopAll(shared)
      return checkShared(store, shared)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const stopAll = async (followers: readonly SharedFollower[]) =>
  void (await Promise.all(followers.map((follower) => follower.stop())))

/** Everybody signs up and follows; nobody works yet. */
export async function openLoad(url: string, plan: LoadPlan, tally: RequestTally): Promise<Load> {
  const stack = new AsyncDisposableStack()
  const waits = { comeBackMs, answerMs: ANSWER_MS, longestMs: LONGEST_MS }
  const asking = { ...waits, onAsked: tally.asked }
  try {
    return await openAll({ url, plan, asking, stack }, tally)
  } catch (failure) {
    await stack.disposeAsync()
    throw failure
  }
}
