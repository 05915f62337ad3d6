import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import { payloadOf } from '../api/payload.ts'
import { endedFeeds, type FeedEnd, liveFigures, liveStatus } from './live-state.ts'
import { SignedOut, socket } from './socket.ts'

export type FeedSink<Data> = {
  event: (data: Data) => void
  /**
   * What was read before may be old, and must be read anew: the stream has just opened without a place
   * from which to go on, or its history was gone. Events that come meanwhile are told as ever.
   */
  reread: () => void
}

/** These begin anew, with the present read by a query. */
export const BEGIN_ANEW: readonly string[] = [
  'CURSOR_EXPIRED',
  'CURSOR_FOREIGN',
  'CURSOR_INVALID',
  'EVENTS_MISSED',
]
/** Asking the same again would be refused the same; whatever else fails may go well the next time. */
const ENDS =
  /^(UNAUTHORIZED_FIELD_OR_TYPE|BAD_(USER_INPUT|REQUEST)|GRAPHQL_\w+|PERSISTED_QUERY_\w+|QUERY_NOT_IN_SAFELIST|DOCUMENT_ID_INVALID|OPERATION_(UNKNOWN|NOT_PLANNABLE)|COST_\w+|MAX_(?!SUBSCRIPTIONS)\w+_LIMIT|\w+_OF_OTHERS)$/
const LONGEST_WAIT_MS = 30_000
const WAIT_MS = 1_000
/** By then a stream stands that was asked for on a connection that is there. */
const OPEN_MS = 2_000

const codeOf = (error: GraphQLFormattedError | undefined) =>
  String(error?.extensions?.code ?? 'INTERNAL_SERVER_ERROR')

type Failure = { code: string; message: string; retryAfterMs: number | null }

function failureOf(errors: readonly GraphQLFormattedError[]): Failure {
  const [error] = errors
  const seconds = Number(error?.extensions?.retryAfter)
  return {
    code: codeOf(error),
    message: error?.message ?? 'The stream failed.',
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : null,
  }
}

/** One stream over all its connections: what it saw last, and whether it is still wanted. */
class Feed<Data, Variables> {
  #cursor: string | null = null
  #isClosed = false
  #leave: () => void = () => undefined
  /** Counts openings: what an older one still says concerns nobody. */
  #turn = 0
  /** In a row, without an event between them. */
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #opening: ReturnType<typeof setTimeout> | undefined
  #stopTelling: () => void = () => undefined
  readonly #stopHearing: () => void
  readonly #payload: SubscribePayload
  readonly #sink: FeedSink<Data>

  constructor(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    sink: FeedSink<Data>,
  ) {
    this.#payload = payloadOf(document, variables) as SubscribePayload
    this.#sink = sink
    this.#stopHearing = liveStatus.listen(() => this.#opened())
    this.#open()
  }

  /** Nobody looks any more. */
  leave(): void {
    this.close()
    this.#stopTelling()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#opening)
    this.#stopHearing()
    this.#leave()
  }

  /** Until its first event a stream cannot resume: what happened before it stood is read instead. */
  #opened(): void {
    clearTimeout(this.#opening)
    if (this.#isClosed || this.#cursor !== null || liveStatus.get() !== 'live') return
    this.#opening = setTimeout(() => this.#isClosed || this.#sink.reread(), OPEN_MS)
  }

  #open(): void {
    if (this.#isClosed) return
    const turn = ++this.#turn
    const isCurrent = () => turn === this.#turn && !this.#isClosed
    // The client of graphql-ws writes this object anew at each try of its own: a cut resumes too.
    const extensions: Record<string, unknown> = {}
    const request = { ...this.#payload, extensions }
    if (this.#cursor) Object.assign(extensions, { resume: this.#cursor, orLive: true })
    this.#leave = socket.subscribe<Data>(request, {
      next: (result) => {
        if (!isCurrent()) return
        this.#take(result as FormattedExecutionResult<Data>)
        if (this.#cursor) Object.assign(extensions, { resume: this.#cursor, orLive: true })
      },
      error: (failure) => isCurrent() && this.#broken(failure),
      complete: () => isCurrent() && this.#again(null),
    })
    this.#opened()
  }

  #take(result: FormattedExecutionResult<Data>): void {
    if (this.#isClosed) return
    const { cursor, recovered } = result.extensions ?? {}
    if (recovered === true) liveFigures.resumed++
    if (recovered === false) this.#reread()
    if (typeof cursor === 'string') this.#cursor = cursor
    if (result.data) {
      this.#failures = 0
      this.#count()
      this.#sink.event(result.data)
      return
    }
    if (result.errors) this.#fail(result.errors)
  }

  /** The connection itself is refused; or nobody is signed in, which the page knows already. */
  #broken(failure: unknown): void {
    if (Array.isArray(failure)) {
      this.#fail(failure)
      return
    }
    if (failure instanceof SignedOut) this.close()
    else this.#end({ code: 'STREAM_REFUSED', message: 'The live connection is refused.' })
  }

  #count(): void {
    const { events } = liveFigures
    const { operationName } = this.#payload
    const name = operationName ?? ''
    events.set(name, (events.get(name) ?? 0) + 1)
  }

  #reread(): void {
    liveFigures.reread++
    this.#sink.reread()
  }

  #fail(errors: readonly GraphQLFormattedError[]): void {
    if (this.#isClosed) return
    const { code, message, retryAfterMs } = failureOf(errors)
    if (ENDS.test(code)) {
      this.#end({ code, message })
      return
    }
    this.#failures++
    if (BEGIN_ANEW.includes(code)) {
      this.#cursor = null
      this.#reread()
    }
    this.#again(retryAfterMs)
  }

  #end(end: FeedEnd): void {
    this.close()
    endedFeeds.set([...endedFeeds.get(), end])
    this.#stopTelling = () => endedFeeds.set(endedFeeds.get().filter((one) => one !== end))
  }

  #again(retryAfterMs: number | null): void {
    this.#turn++
    this.#leave()
    clearTimeout(this.#timer)
    const patience = retryAfterMs ?? WAIT_MS * 2 ** Math.min(this.#failures, 5)
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(WAIT_MS, patience))
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#open(), waitMs)
  }
}

/**
 * Follows a live feed over every cut, from the last cursor seen, until it is closed.
 * @returns how to close it
 */
export function follow<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  sink: FeedSink<Data>,
): () => void {
  const feed = new Feed(document, variables, sink)
  return () => feed.leave()
}
