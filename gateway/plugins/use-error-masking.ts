import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Logger } from '#kernel/log.ts'
import type { IncrementalResult } from '../engine/incremental/incremental-result.ts'
import { hasText } from '../live/shared-text.ts'
import { type ErrorAudience, presentError } from './present-errors.ts'
import type { FactsOfRequests } from './request-facts.ts'
import { isStream } from './streamed-answer.ts'

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
      if (isStream<ExecutionResult>(result)) setResult(presentStream(result, audience))
      else setResult(presentResult(result as ExecutionResult, audience))
    },
  }
}

/** An answer with its errors as a client may see them. */
export function presentResult<Result extends Pick<ExecutionResult, 'errors'>>(
  result: Result,
  audience: ErrorAudience,
): Result {
  if (!result.errors || result.errors.length === 0 || hasText(result)) return result
  return { ...result, errors: result.errors.map((error) => presentError(error, audience)) }
}

type Parts = Pick<IncrementalResult, 'incremental' | 'completed'>

/** The same for each part of an answer that comes in parts. */
function presentParts<Result extends ExecutionResult & Parts>(
  result: Result,
  audience: ErrorAudience,
): Result {
  const presented = presentResult(result, audience)
  const { incremental, completed } = presented
  if (!incremental && !completed) return presented
  return {
    ...presented,
    ...(incremental
      ? { incremental: incremental.map((part) => presentResult(part, audience)) }
      : {}),
    ...(completed ? { completed: completed.map((part) => presentResult(part, audience)) } : {}),
  }
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
          return step.done ? step : { done: false, value: presentParts(step.value, audience) }
        },
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}
