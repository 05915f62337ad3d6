import { type ExecutionResult, GraphQLError } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import {
  type CompletedPart,
  type IncrementalResult,
  isIncremental,
} from '../engine/incremental/incremental-result.ts'
import type { ExecutionRequest } from '../engine/operation-executor.ts'
import { gatewayError } from '../errors.ts'
import type { LiveSessions } from '../live/live-sessions.ts'
import { createLiveStream } from '../live/live-stream.ts'
import type { OperationContext } from './asking.ts'

type Deps = {
  sessions: LiveSessions
  /** Words the errors of an answer as the settings want them. */
  tell: (result: ExecutionResult) => ExecutionResult
}
type Asked = { operation: FilteredOperation; request: ExecutionRequest }

/**
 * Executes for an asker who takes parts. What outlives the first part is watched like any live
 * stream: it ends, with a code, when the rights that it stands on do.
 */
export async function deliverParts(
  { sessions, tell }: Deps,
  { asking, loaded }: OperationContext,
  { operation, request }: Asked,
): Promise<ExecutionResult | AsyncIterable<IncrementalResult>> {
  const { delivery: format } = asking
  if (!format || !loaded.deliver) return tell(await loaded.executor(operation, request))
  const answer = await loaded.deliver(operation, { ...request, format })
  if (!isIncremental(answer)) return tell(answer)
  const stopWatching = sessions.watch(asking.identity, (reason) =>
    asking.abort(gatewayError(reason)),
  )
  return createLiveStream({
    source: told(answer, tell),
    abort: () => asking.abort(new Error('The answer ended.')),
    ended: stopWatching,
  })
}

/** Not a generator: what asks for the end must not wait behind what asks for the next part. */
function told(
  parts: AsyncGenerator<IncrementalResult, void, void>,
  tell: Deps['tell'],
): AsyncIterable<IncrementalResult> {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const step = await parts.next()
        return step.done ? step : { done: false, value: toldIn(step.value, tell) }
      },
      return: () => parts.return(),
    }),
  }
}

function toldIn(result: IncrementalResult, tell: Deps['tell']): IncrementalResult {
  // It words errors, and leaves all else as it is.
  const tellOf = tell as <Part>(part: Part) => Part
  const { incremental, completed } = result
  return {
    ...tellOf(result),
    ...(incremental && { incremental: incremental.map(tellOf) }),
    ...(completed && { completed: completed.map((part) => toldOf(part, tell)) }),
  }
}

/** Errors say of a part that it does not come: where all of them go, one without a place stays. */
function toldOf(part: CompletedPart, tell: Deps['tell']): CompletedPart {
  const [first] = part.errors ?? []
  if (!first) return part
  const { errors = [] } = tell(part)
  const { message, extensions } = first
  return {
    ...part,
    errors: errors.length > 0 ? errors : [new GraphQLError(message, { extensions })],
  }
}
