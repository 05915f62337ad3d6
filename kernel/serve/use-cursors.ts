import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { serveError } from './errors.ts'
import type { InFlight } from './in-flight.ts'

/** What a subscription's source yields: an event of `kernel/events`, which knows its cursor. */
type SourceEvent = { cursor?: string; recovered?: boolean; state?: string }

export type CursorOptions = {
  /** A context for one event: loaders of the last event must not answer for the next. */
  renewContext: (context: unknown) => unknown
  /** The context of the source alone, which ends with the service's drain; events under way do not. */
  sourceContext: (context: unknown) => unknown
  /** Ends when the asker is gone or the service drains. */
  signalOf: (context: unknown) => AbortSignal
  /** What a client may see of a failure. */
  present: (failure: unknown) => GraphQLError
  /** Counts what a stream does until it has its next result: not what waits for a slow reader. */
  track: InFlight['track']
}

type Results = AsyncGenerator<ExecutionResult>

/** The result of one event, with its cursor and what it is the state of. */
async function toResult(
  args: ExecutionArgs,
  event: SourceEvent,
  { renewContext }: CursorOptions,
): Promise<ExecutionResult> {
  const contextValue = renewContext(args.contextValue)
  const result = await execute({ ...args, rootValue: event, contextValue })
  if (event?.cursor === undefined) return result
  const { cursor, recovered, state } = event
  const told = {
    cursor,
    ...(recovered === undefined ? {} : { recovered }),
    ...(state === undefined ? {} : { state }),
  }
  return { ...result, extensions: { ...result.extensions, ...told } }
}

/**
 * Results one by one. A source that fails, or is cut off by a drain, says so in a last result:
 * to whoever reads the stream, an end without an error means that nothing more will ever come.
 */
async function* readResults(
  source: AsyncIterator<SourceEvent>,
  args: ExecutionArgs,
  options: CursorOptions,
): Results {
  try {
    for (;;) {
      const { done, value } = await source.next()
      if (done) break
      yield await toResult(args, value, options)
    }
    if (!options.signalOf(args.contextValue).aborted) return
    yield { errors: [options.present(serveError('SERVICE_DRAINING'))] }
  } catch (failure) {
    yield { errors: [options.present(failure)] }
  } finally {
    await source.return?.()
  }
}

/** A counted stream whose `return` also wakes a source that is waiting for its next event. */
function endWith(
  results: Results,
  source: AsyncIterator<unknown>,
  { track }: CursorOptions,
): Results {
  return Object.assign(Object.create(results) as Results, {
    next: () => track(results.next()),
    throw: (failure: unknown) => results.throw(failure),
    return: async () => {
      await source.return?.()
      return results.return(undefined)
    },
  })
}

/**
 * Every event of a subscription carries its cursor in `extensions.cursor`, and the first of one that
 * was to go on in any case `extensions.recovered`: whether nothing is missing before it.
 */
export function useCursors(options: CursorOptions): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async (args: ExecutionArgs) => {
        const contextValue = options.sourceContext(args.contextValue)
        const stream = await createSourceEventStream({ ...args, contextValue })
        if (!(Symbol.asyncIterator in stream)) return stream
        const source = stream[Symbol.asyncIterator]() as AsyncIterator<SourceEvent>
        return endWith(readResults(source, args, options), source, options)
      })
    },
  }
}
