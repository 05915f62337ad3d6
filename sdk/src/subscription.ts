import type { Wishes } from './asking.ts'
import { abortedBy } from './calls.ts'
import { operationOfKind, type PlainText, type TypedDocument } from './documents.ts'
import { clientError, type DbsbmError } from './errors.ts'
import { type FeedState, follow } from './following.ts'
import { createInbox, type Inbox } from './inbox.ts'
import type { Socket } from './socket.ts'
import type { FeedEvent } from './subscription-messages.ts'
import type { TokenSource } from './tokens.ts'

/** What one subscription may wish. */
export type SubscribeOptions = {
  /** The last cursor seen, or `beginning`: all that the history still holds. */
  readonly resume?: string
  /** Goes on with the present where the history before `resume` is gone; the first event says so. */
  readonly orLive?: boolean
  /** States, such as prices, at most so often, the latest of each; 0 only where they are read slowly. */
  readonly conflateMs?: number
  readonly signal?: AbortSignal
  /** Told of each change, with what brought it about. */
  readonly onState?: (state: FeedState, failure: DbsbmError | null) => void
  /** How many events may wait for their reader before the platform has to; 1000. */
  readonly bufferSize?: number
  /** `true` takes events of which a part failed; else such an event is thrown. */
  readonly partial?: boolean
}

/** Events as they are waited for; leaving the loop ends the subscription. */
export type Subscription<Result> = {
  readonly next: () => Promise<IteratorResult<FeedEvent<Result>, undefined>>
  readonly return: () => Promise<IteratorResult<FeedEvent<Result>, undefined>>
  readonly [Symbol.asyncIterator]: () => Subscription<Result>
}

/** Subscribes by a document. Nothing is sent before the first event is waited for. @throws DOCUMENT_INVALID */
export type Subscribe = {
  <Result = unknown>(
    text: PlainText,
    variables?: Readonly<Record<string, unknown>>,
    options?: SubscribeOptions,
  ): Subscription<Result>
  <Result, Variables>(
    document: TypedDocument<Result, Variables>,
    ...wishes: Wishes<Variables, SubscribeOptions>
  ): Subscription<Result>
}

type Deps = { socket: Socket; tokens: TokenSource }
type Asked = { query: string; variables: unknown; options: SubscribeOptions }

/** All subscriptions of a client. */
export function createSubscribe(deps: Deps) {
  const running = new Set<() => void>()
  let isClosed = false
  const open = (document: unknown, variables?: unknown, options: SubscribeOptions = {}) => {
    if (isClosed) throw clientError('CLIENT_CLOSED')
    const { text } = operationOfKind(document, 'subscription')
    return openSubscription(deps, { query: text, variables, options }, running)
  }
  return {
    open: open as Subscribe,
    close() {
      isClosed = true
      for (const stop of running) stop()
    },
  }
}

function openSubscription(
  deps: Deps,
  { query, variables, options }: Asked,
  running: Set<() => void>,
): Subscription<unknown> {
  const { signal, onState, bufferSize = 1000 } = options
  const inbox: Inbox<FeedEvent<unknown>> = createInbox(bufferSize)
  const stopped = new AbortController()
  const tell = createTelling(onState)
  let hasBegun = false

  const stop = (failure: DbsbmError | null = null) => {
    inbox.discard(failure)
    finish()
  }
  const abort = () => stop(signal ? abortedBy(signal) : null)
  const leave = () => stop()
  const finish = () => {
    stopped.abort()
    signal?.removeEventListener('abort', abort)
    running.delete(leave)
    tell('ended', null)
  }
  const begin = () => {
    hasBegun = true
    running.add(leave)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) return abort()
    const question = { query, ...(variables ? { variables: { ...variables } } : {}) }
    const { resume, orLive, conflateMs, partial: takesPartial = false } = options
    const extensions = definedOf({ resume, orLive, conflateMs })
    follow({
      ...deps,
      ...{ inbox, question, extensions, takesPartial, tell },
      stopped: stopped.signal,
    })
      .catch((failure: unknown) => stopped.signal.aborted || inbox.end(failure))
      .finally(finish)
  }
  const subscription: Subscription<unknown> = {
    next() {
      if (!hasBegun) begin()
      return inbox.take()
    },
    async return() {
      hasBegun = true
      stop()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => subscription,
  }
  return subscription
}

/** Tells changes alone, and nothing after the end. */
function createTelling(onState: SubscribeOptions['onState']) {
  let last: FeedState | null = null
  return (state: FeedState, failure: DbsbmError | null) => {
    if (last === state || last === 'ended') return
    last = state
    onState?.(state, failure)
  }
}

const definedOf = (wishes: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(wishes).filter(([, wish]) => wish !== undefined))
