import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** What a subscription's source yields: an event of `kernel/events`, which knows its cursor. */
type SourceEvent = { cursor?: string }

/** A context for one event: loaders of the last event must not answer for the next. */
export type RenewContext = (context: unknown) => unknown

async function toResult(
  args: ExecutionArgs,
  event: SourceEvent,
  renewContext: RenewContext,
): Promise<ExecutionResult> {
  const contextValue = renewContext(args.contextValue)
  const result = await execute({ ...args, rootValue: event, contextValue })
  if (event?.cursor === undefined) return result
  return { ...result, extensions: { ...result.extensions, cursor: event.cursor } }
}

/** Results one by one; leaving early closes the source, also while it waits. */
function mapStream(
  source: AsyncIterable<unknown>,
  toNext: (event: SourceEvent) => Promise<ExecutionResult>,
): AsyncGenerator<ExecutionResult> {
  const iterator = source[Symbol.asyncIterator]()
  const end = async (): Promise<IteratorResult<ExecutionResult>> => {
    await iterator.return?.()
    return { done: true, value: undefined }
  }
  return {
    next: async () => {
      const { done, value } = await iterator.next()
      if (done) return { done: true, value: undefined }
      return { done: false, value: await toNext(value as SourceEvent) }
    },
    return: end,
    throw: async (failure) => {
      await end()
      throw failure
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      await end()
    },
  }
}

/** Every event of a subscription carries its cursor in `extensions.cursor`. */
export function useCursors(renewContext: RenewContext): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async (args: ExecutionArgs) => {
        const source = await createSourceEventStream(args)
        if (!(Symbol.asyncIterator in source)) return source
        return mapStream(source, (event) => toResult(args, event, renewContext))
      })
    },
  }
}
