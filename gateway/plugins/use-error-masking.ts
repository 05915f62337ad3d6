import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Logger } from '#kernel/log.ts'
import { type ErrorAudience, presentError } from './present-errors.ts'
import type { FactsOfRequests } from './request-facts.ts'

/** Every answer on its way out of HTTP passes here; bugs leave as one sentence and the request's id. */
export function useErrorMasking(
  facts: FactsOfRequests,
  log: Logger,
  count: ErrorAudience['count'],
): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      const audience = { requestId: facts.of(request).requestId, log, count }
      if (Array.isArray(result)) return
      setResult(
        isStream(result) ? presentStream(result, audience) : presentResult(result, audience),
      )
    },
  }
}

/** An answer with its errors as a client may see them. */
export function presentResult<Result extends ExecutionResult>(
  result: Result,
  audience: ErrorAudience,
): Result {
  if (!result.errors || result.errors.length === 0) return result
  return { ...result, errors: result.errors.map((error) => presentError(error, audience)) }
}

function isStream<Item>(value: Item | AsyncIterable<Item>): value is AsyncIterable<Item> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** Not a generator: its `return()` has to reach the source while a `next()` still waits. */
function presentStream<Result extends ExecutionResult>(
  stream: AsyncIterable<Result>,
  audience: ErrorAudience,
): AsyncIterable<Result> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = stream[Symbol.asyncIterator]()
      return {
        async next() {
          const step = await iterator.next()
          return step.done ? step : { done: false, value: presentResult(step.value, audience) }
        },
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}
