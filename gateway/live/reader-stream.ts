import type { ExecutionResult } from 'graphql'
import type { Reader } from './fan-out/reader.ts'

type Result = IteratorResult<ExecutionResult, undefined>

/** A subscription as a stream of results, for whoever takes them one by one. */
export type ReaderStream = AsyncGenerator<ExecutionResult, undefined, undefined> & {
  /** For whoever would rather be called. */
  readonly reader: Reader
}

const readers = new WeakMap<object, Reader>()

/** The reader behind a stream, where it is one of these. */
export function readerOf(stream: object): Reader | undefined {
  return readers.get(stream)
}

/**
 * Takes from a reader what it has, and waits where it has nothing; `return()` ends it at once.
 * @param counted called for each event that was taken
 */
export function createReaderStream(reader: Reader, counted: () => void): ReaderStream {
  let isLastTold = false
  let waiting: ((result: Result) => void) | null = null

  const step = (): Result | null => {
    const taken = reader.take()
    if (!taken) return null
    if (taken.told) {
      counted()
      return { done: false, value: taken.told.result }
    }
    const { last } = taken.ended
    if (isLastTold || !last) return { done: true, value: undefined }
    isLastTold = true
    return { done: false, value: last }
  }
  reader.listen(() => {
    const result = waiting && step()
    if (!result) return
    waiting?.(result)
    waiting = null
  })
  const leave = async (): Promise<Result> => {
    isLastTold = true
    reader.endWith({ last: null })
    return { done: true, value: undefined }
  }
  const stream: ReaderStream = {
    reader,
    next() {
      const result = step()
      if (result) return Promise.resolve(result)
      const { promise, resolve } = Promise.withResolvers<Result>()
      waiting = resolve
      return promise
    },
    return: leave,
    async throw(failure) {
      await leave()
      throw failure
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => void (await leave()),
  }
  readers.set(stream, reader)
  return stream
}
