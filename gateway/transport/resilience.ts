import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  decorrelatedJitterGenerator,
  ExponentialBackoff,
  handleWhen,
  type IPolicy,
  isBrokenCircuitError,
  retry,
  wrap,
} from 'cockatiel'
import { isDomainError } from '#kernel/errors.ts'
import { gatewayError } from '../errors.ts'
import type { SubgraphSettings } from '../settings.ts'

/** How calls to one subgraph fail: which are tried again, and when it is left alone for a while. */
export type Resilience = {
  /** Reads: tried again, within bounds, when the subgraph was not reached. */
  read: <Result>(attempt: () => Promise<Result>) => Promise<Result>
  /** Writes: never sent twice. */
  write: <Result>(attempt: () => Promise<Result>) => Promise<Result>
  isOpen: () => boolean
}

const isDown = (failure: unknown): boolean =>
  isDomainError(failure, 'SUBGRAPH_UNREACHABLE') || isDomainError(failure, 'SUBGRAPH_TIMEOUT')

const isWorthAnotherTry = (failure: unknown): boolean =>
  isDomainError(failure, 'SUBGRAPH_UNREACHABLE')

/**
 * One breaker per subgraph: after enough failures in a row calls are refused at once, and after a
 * pause one of them is let through to look.
 */
export function createResilience(subgraph: string, settings: SubgraphSettings): Resilience {
  const breaker = circuitBreaker(handleWhen(isDown), {
    halfOpenAfter: settings.breakerOpenMs,
    breaker: new ConsecutiveBreaker(settings.breakerFailures),
  })
  const retries = retry(handleWhen(isWorthAnotherTry), {
    maxAttempts: settings.retries,
    backoff: new ExponentialBackoff({
      initialDelay: settings.retryFirstDelayMs,
      maxDelay: settings.retryLongestDelayMs,
      generator: decorrelatedJitterGenerator,
    }),
  })
  const reading = wrap(retries, breaker)
  return {
    read: (attempt) => run(subgraph, reading, attempt),
    write: (attempt) => run(subgraph, breaker, attempt),
    isOpen: () => isOpen(breaker),
  }
}

async function run<Result>(
  subgraph: string,
  policy: IPolicy,
  attempt: () => Promise<Result>,
): Promise<Result> {
  try {
    return await policy.execute(attempt)
  } catch (failure) {
    if (!isBrokenCircuitError(failure)) throw failure
    throw gatewayError('SUBGRAPH_UNREACHABLE', { subgraph }, { cause: failure })
  }
}

const OPEN = 1

function isOpen(breaker: CircuitBreakerPolicy): boolean {
  return breaker.state === OPEN
}
