/** A stream that can be ended from outside, at once, even while its source waits for an event. */
export type LiveStream<Item> = AsyncGenerator<Item, undefined, undefined> & {
  /** Ends the stream after one last item. */
  endWith: (last: Item) => void
}

export type LiveSource<Item> = {
  source: AsyncIterable<Item>
  /** Tells the source to let go of what it waits for. */
  abort: () => void
  /** Called exactly once, however the stream ends. */
  ended: () => void
}

/**
 * `return()` of an async generator waits for the event that its body waits for, which may never
 * come; this wrapper aborts the source first and answers at once.
 */
export function createLiveStream<Item>(live: LiveSource<Item>): LiveStream<Item> {
  const iterator = live.source[Symbol.asyncIterator]()
  let isStopped = false
  let last: { item: Item } | null = null
  let release: (() => void) | null = null

  const finish = () => {
    if (isStopped) return
    isStopped = true
    release?.()
    live.ended()
    live.abort()
  }
  const ending = (): IteratorResult<Item, undefined> => {
    if (!last) return { done: true, value: undefined }
    const { item } = last
    last = null
    return { done: false, value: item }
  }
  // A promise of its own per step: racing with one that lives as long as the stream would gather
  // a reaction for every event.
  const next = (): Promise<IteratorResult<Item, undefined>> => {
    if (isStopped) return Promise.resolve(ending())
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Item, undefined>>()
    release = () => resolve(ending())
    iterator.next().then(
      (step) => {
        if (isStopped) return
        if (step.done) return finish()
        // Nobody waits any more: a last word is for whoever asks next.
        release = null
        resolve(step)
      },
      (failure: unknown) => {
        // What fails because it was stopped is no failure.
        if (isStopped) return
        release = null
        finish()
        reject(failure)
      },
    )
    return promise
  }
  return {
    next,
    async return() {
      last = null
      finish()
      return { done: true, value: undefined }
    },
    async throw(failure) {
      finish()
      throw failure
    },
    endWith(item) {
      if (isStopped) return
      last = { item }
      finish()
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      finish()
    },
  }
}
