import { isDomainError } from '#kernel/errors.ts'
import { serveError } from '#kernel/serve/errors.ts'
import { pause } from '#kernel/time-limit.ts'
import type { SubgraphAnswer } from '../../engine/execute-plan.ts'

/** How a stream that breaks off is opened again. */
export type ReopeningBounds = {
  /** How long it is tried from the first failure on, until something comes. */
  reopenMs: number
  firstDelayMs: number
  longestDelayMs: number
}

export type UpstreamDeps = {
  open: (resume: unknown, signal: AbortSignal) => AsyncIterable<SubgraphAnswer>
  /** Handles one event; @returns the cursor after which the stream goes on, null where it has none. */
  take: (answer: SubgraphAnswer) => Promise<string | null>
  /** Told of each failure that is followed by another attempt. */
  failed: (failure: unknown) => void
  bounds: ReopeningBounds
  signal: AbortSignal
}

/** A subgraph that stops says so in its last event; another one, or its successor, goes on. */
function throwIfLeaving({ data, errors, extensions }: SubgraphAnswer): void {
  const [error, ...others] = errors ?? []
  const isAlone = !data && others.length === 0 && extensions?.cursor === undefined
  if (isAlone && error?.extensions?.code === 'SERVICE_DRAINING')
    throw serveError('SERVICE_DRAINING')
}

/**
 * Reads a subgraph's stream to its end. One that breaks off is opened again after the last event
 * that came, so that nothing is missing and nothing comes twice; one that never had a cursor cannot
 * be. Throws what went wrong, or the reason of the signal.
 */
export async function readUpstream(deps: UpstreamDeps, start: unknown): Promise<void> {
  const progress = createProgress(deps.bounds, start)
  for (;;) {
    try {
      return await readOnce(deps, progress)
    } catch (failure) {
      deps.signal.throwIfAborted()
      const delayMs = progress.failed(failure)
      if (delayMs === null) throw failure
      deps.failed(failure)
      await pause(delayMs, deps.signal)
    }
  }
}

async function readOnce({ open, take, signal }: UpstreamDeps, progress: Progress): Promise<void> {
  const begin = progress.resume()
  let isFirst = progress.isReopened()
  for await (const answer of open(begin, signal)) {
    throwIfLeaving(answer)
    // Who goes on after an event does not tell it again.
    const isRepeated = isFirst && begin !== null && answer.extensions?.cursor === begin
    isFirst = false
    if (!isRepeated) progress.came(await take(answer))
  }
}

type Progress = ReturnType<typeof createProgress>

/** How far a stream came, and whether it is worth another attempt. */
function createProgress(bounds: ReopeningBounds, start: unknown) {
  let resume = start
  let failures = 0
  let isReopened = false
  let givesUpAt = 0
  return {
    resume: () => resume,
    isReopened: () => isReopened,
    came(cursor: string | null) {
      resume = cursor ?? resume
      failures = 0
    },
    /** @returns how long to wait before the next attempt, null where there is none */
    failed(failure: unknown): number | null {
      if (failures === 0) givesUpAt = performance.now() + bounds.reopenMs
      const delayMs = Math.min(bounds.firstDelayMs * 2 ** failures, bounds.longestDelayMs)
      failures++
      isReopened = true
      const isTooLate = performance.now() + delayMs > givesUpAt
      return resume === null || isTooLate || !isPassing(failure) ? null : delayMs
    },
  }
}

const PASSING: ReadonlySet<string> = new Set([
  'SERVICE_DRAINING',
  'SUBGRAPH_ANSWER_INVALID',
  'SUBGRAPH_TIMEOUT',
  'SUBGRAPH_UNREACHABLE',
])

/** What another attempt may mend: anything but a refusal. */
function isPassing(failure: unknown): boolean {
  return !isDomainError(failure) || PASSING.has(failure.code)
}
