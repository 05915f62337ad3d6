import { isDomainError } from '#kernel/errors.ts'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { createFeedLeases, type FeedLease, type FeedLeases } from './feed-leases.ts'
import { createFeedRuns, type FeedRuns } from './feed-runs.ts'
import type { ConfiguredFeed } from './feed-sources.ts'
import type { Sleep } from './feeds/sleep.ts'
import { inBatches } from './ingestion/batches.ts'
import { createFeedMemory } from './ingestion/feed-memory.ts'
import { type Intake, type StoreDeps, storeBatch } from './ingestion/store-batch.ts'

export type OddsFeedDeps = StoreDeps & {
  feeds: readonly ConfiguredFeed[]
  sleep: Sleep
  randomness: Randomness
  log: Logger
}

/** Events stored in one transaction at most. */
const LARGEST_BATCH = 200
/** How often a paused feed, or one that another process takes in, is looked at. */
const LOOK_AGAIN_MS = 1_000
const FIRST_BACK_OFF_MS = 250
const LONGEST_BACK_OFF_MS = 30_000

const codeOf = (failure: unknown) => {
  if (isDomainError(failure)) return failure.code
  return failure instanceof Error ? failure.constructor.name : 'Error'
}

type Taking = { deps: OddsFeedDeps; runs: FeedRuns; leases: FeedLeases; signal: AbortSignal }

/** Of one feed in this process. */
type Standing = {
  /** Since something was stored. */
  failures: number
  isStandingBy: boolean
}

type Held = { feed: ConfiguredFeed; lease: FeedLease; onStored: () => void }

/** Stores a feed from where its run stands until it ends. @throws FEED_TAKEN when it lost its lease */
async function takeIn(
  { feed, lease: { run, signal }, onStored }: Held,
  { deps, ...taking }: Taking,
): Promise<void> {
  const source = feed.play(run.anchor)
  const facts = {
    timing: feed.source.timing === 'assumed' ? 'assumed' : 'stated',
    isReplayed: source.timing === 'replayed',
    isSimulated: source.isSimulated,
  } as const
  const { position } = run
  const intake: Intake = { runId: run.id, position, facts, memory: createFeedMemory() }
  for await (const batch of inBatches(source, { after: position, most: LARGEST_BATCH, signal })) {
    intake.position = await storeBatch(deps, intake, batch)
    onStored()
  }
  if (signal.aborted && !taking.signal.aborted) throw signal.reason
}

/** Says what went wrong, in the log and in the run; a database that is down leaves the log alone. */
async function noteFailure(failure: unknown, runId: string | null, { deps, runs }: Taking) {
  const code = codeOf(failure)
  deps.log.error({ err: failure, code }, 'an odds feed failed and is tried again')
  if (runId === null) return
  await runs.noteFailure(runId, code).catch((cause: unknown) => {
    deps.log.error({ err: cause, code: codeOf(cause) }, 'the failure could not be stored')
  })
}

/** Takes a feed in alone, and leaves it to whoever comes next. */
async function takeInAlone(held: Held, taking: Taking): Promise<void> {
  const { lease } = held
  try {
    await takeIn(held, taking)
  } catch (failure) {
    await lease.release(null).catch((err: unknown) => {
      taking.deps.log.warn({ err }, 'the lease of an odds feed was left to lapse')
    })
    throw failure
  }
  await lease.release(taking.signal.aborted ? 'stopped' : 'finished')
}

type Round = { isOver: boolean; pauseMs: number }

/** Says once that it stands by. */
function standBy({ source }: ConfiguredFeed, { deps }: Taking, standing: Standing): Round {
  if (!standing.isStandingBy) {
    deps.log.info({ feed: source.name }, 'an odds feed is paused or taken in elsewhere')
  }
  standing.isStandingBy = true
  return { isOver: false, pauseMs: LOOK_AGAIN_MS }
}

/** One attempt at a feed. */
async function playRound(feed: ConfiguredFeed, taking: Taking, standing: Standing): Promise<Round> {
  const { runs, leases, signal } = taking
  let runId: string | null = null
  try {
    const { id } = await runs.open(feed.source, await feed.identify())
    runId = id
    const lease = await leases.take(id, signal)
    if (!lease) return standBy(feed, taking, standing)
    standing.isStandingBy = false
    const onStored = () => {
      standing.failures = 0
    }
    await takeInAlone({ feed, lease, onStored }, taking)
    return { isOver: true, pauseMs: 0 }
  } catch (failure) {
    if (isDomainError(failure, 'FEED_TAKEN')) return standBy(feed, taking, standing)
    await noteFailure(failure, runId, taking)
    const pauseMs = Math.min(FIRST_BACK_OFF_MS * 2 ** standing.failures, LONGEST_BACK_OFF_MS)
    standing.failures += 1
    return { isOver: false, pauseMs }
  }
}

async function runFeed(feed: ConfiguredFeed, taking: Taking): Promise<void> {
  const standing: Standing = { failures: 0, isStandingBy: false }
  while (!taking.signal.aborted) {
    const { isOver, pauseMs } = await playRound(feed, taking, standing)
    if (isOver) return
    await taking.deps.sleep(pauseMs, taking.signal)
  }
}

/**
 * Takes the configured feeds in, each in a loop of its own that never gives up: trouble is logged,
 * shown in the feed's status, and tried again ever more slowly. Of several processes one takes a feed in, the others
 * stand by.
 */
export function createOddsFeed(deps: OddsFeedDeps) {
  const [runs, leases] = [createFeedRuns(deps), createFeedLeases(deps)]
  return {
    start: () => {
      const stopping = new AbortController()
      const taking: Taking = { deps, runs, leases, signal: stopping.signal }
      const loops = deps.feeds.map((feed) => runFeed(feed, taking))
      const ended = Promise.all(loops)
      return {
        /** Resolves when every feed has ended. */
        ended: ended.then(() => undefined),
        stop: async (): Promise<void> => {
          stopping.abort()
          await ended
        },
      }
    },
  }
}
