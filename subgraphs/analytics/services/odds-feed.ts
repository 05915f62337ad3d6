import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import type { FeedRun } from '../entities/feed-run.ts'
import { createFeedRuns, type FeedRuns } from './feed-runs.ts'
import type { ConfiguredFeed } from './feed-sources.ts'
import type { Sleep } from './feeds/sleep.ts'
import { inBatches } from './ingestion/batches.ts'
import { createFeedMemory } from './ingestion/feed-memory.ts'
import { type Intake, type StoreDeps, storeBatch } from './ingestion/store-batch.ts'

export type OddsFeedDeps = StoreDeps & {
  feeds: readonly ConfiguredFeed[]
  sleep: Sleep
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

type Taking = { deps: OddsFeedDeps; runs: FeedRuns; signal: AbortSignal }

/** Stores a feed from where its run stands until it ends. */
async function takeIn(
  { feed, run, onStored }: { feed: ConfiguredFeed; run: FeedRun; onStored: () => void },
  { deps, signal }: Taking,
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

type Round = { isOver: boolean; pauseMs: number }

/** One attempt at a feed. */
async function playRound(feed: ConfiguredFeed, taking: Taking, failures: { count: number }) {
  const { deps, runs, signal } = taking
  let runId: string | null = null
  try {
    const run = await runs.open(feed.source, await feed.identify())
    runId = run.id
    if (run.isPaused) return { isOver: false, pauseMs: LOOK_AGAIN_MS } satisfies Round
    const onStored = () => {
      failures.count = 0
    }
    await takeIn({ feed, run, onStored }, taking)
    await runs.setStatus(run.id, signal.aborted ? 'stopped' : 'finished')
    return { isOver: true, pauseMs: 0 } satisfies Round
  } catch (failure) {
    if (isDomainError(failure, 'FEED_TAKEN')) {
      deps.log.warn({ feed: feed.source.name }, 'an odds feed was paused or is taken in elsewhere')
      return { isOver: false, pauseMs: LOOK_AGAIN_MS } satisfies Round
    }
    await noteFailure(failure, runId, taking)
    const pauseMs = Math.min(FIRST_BACK_OFF_MS * 2 ** failures.count, LONGEST_BACK_OFF_MS)
    failures.count += 1
    return { isOver: false, pauseMs } satisfies Round
  }
}

async function runFeed(feed: ConfiguredFeed, taking: Taking): Promise<void> {
  const failures = { count: 0 }
  while (!taking.signal.aborted) {
    const { isOver, pauseMs } = await playRound(feed, taking, failures)
    if (isOver) return
    await taking.deps.sleep(pauseMs, taking.signal)
  }
}

/**
 * Takes the configured feeds in, each in a loop of its own that never gives up: trouble is logged,
 * shown in the feed's status, and tried again ever more slowly.
 */
export function createOddsFeed(deps: OddsFeedDeps) {
  const runs = createFeedRuns(deps)
  return {
    start: () => {
      const stopping = new AbortController()
      const taking: Taking = { deps, runs, signal: stopping.signal }
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
