import { isDomainError } from '#kernel/errors.ts'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { createGate, type Gate, type Verdict } from '#kernel/service/gate.ts'
import { isClosedHere, isNotTaken, isUnreachable } from '#kernel/service/not-taken.ts'
import type { SubgraphSettings } from '../settings.ts'

export type SubgraphGateDeps = {
  name: string
  settings: SubgraphSettings
  refuse: (cause: unknown) => Error
  randomness: Randomness
  log: Logger
}

/** What the gateway's own refusal says of whom it asked. */
function verdictOf(failure: unknown): Verdict {
  // A bug, or whatever the caller gave as the reason to stop.
  if (!isDomainError(failure) || isClosedHere(failure)) return 'stopped'
  if (isNotTaken(failure)) return 'away'
  if (failure.code === 'SUBGRAPH_TIMEOUT' || isTimeout(failure.cause)) return 'slow'
  if (failure.code === 'SUBGRAPH_UNREACHABLE' || isUnreachable(failure)) return 'broken'
  return 'answered'
}

/** True for what a time limit ended. */
export function isTimeout(failure: unknown): boolean {
  return failure instanceof Error && failure.name === 'TimeoutError'
}

/** How requests to one subgraph, or to identity's own routes, are sent again (docs/adr/0024). */
export function createSubgraphGate({ name, settings, ...deps }: SubgraphGateDeps): Gate {
  const { retryMs, timeoutMs, mostWaiting, mostFailures } = settings
  return createGate({
    ...deps,
    name,
    verdictOf,
    settings: {
      patienceMs: Math.min(retryMs, timeoutMs),
      firstDelayMs: settings.retryFirstDelayMs,
      longestDelayMs: settings.retryLongestDelayMs,
      mostWaiting,
      mostFailures,
    },
  })
}
