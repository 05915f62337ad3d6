import type { FeedCursors } from './cursor.ts'
import { eventsError } from './errors.ts'
import type { LiveEvent, StateOf, StoredEvent } from './stored-event.ts'
import type { TopicFeed } from './topic-feed.ts'

export type EventStream = AsyncIterableIterator<LiveEvent, undefined>

/** What a slow subscriber lost from memory; it is read again from the table. */
export type Overflow = { topic: string; dropped: number }

export type SubscriptionOptions = {
  feed: TopicFeed
  cursors: FeedCursors
  /** Said on the first event; null where nothing is to be said. */
  recovered: boolean | null
  /** Events directly after a place, from wherever they are at hand. */
  readAfter: (afterSeq: number, limit: number) => Promise<readonly StoredEvent[]>
  /** The sequence after which the subscriber's first event comes. */
  afterSeq: number
  filter: (event: StoredEvent) => boolean
  stateOf: StateOf
  signal: AbortSignal
  /** Events held for a subscriber that does not fetch them. */
  bufferLimit: number
  onOverflow: (overflow: Overflow) => void
  /** Called once, when the stream has ended for whatever reason. */
  onEnd: () => void
}

/**
 * The events held for one subscriber: an unbroken run up to `tail`. While it is behind, nothing is
 * held that the table has as well.
 */
function createBuffer({ feed, afterSeq, bufferLimit, onOverflow }: SubscriptionOptions) {
  let held: StoredEvent[] = []
  let taken = afterSeq
  let tail = afterSeq
  let isBehind = feed.head() > tail
  return {
    isBehind: () => isBehind,
    tail: () => tail,
    take: (): StoredEvent | undefined => {
      const event = held.shift()
      if (event) taken = event.seq
      return event
    },
    look: () => {
      isBehind ||= feed.head() > tail
    },
    push: (event: StoredEvent): void => {
      if (isBehind || event.seq <= tail) return
      if (event.seq !== tail + 1) {
        isBehind = true
      } else if (held.length >= bufferLimit) {
        onOverflow({ topic: event.topic, dropped: held.length + 1 })
        held = []
        tail = taken
        isBehind = true
      } else {
        held.push(event)
        tail = event.seq
      }
    },
    /** A run directly after the tail. */
    refill: (run: readonly StoredEvent[]): void => {
      held.push(...run)
      tail = run.at(-1)?.seq ?? tail
      isBehind = feed.head() > tail
    },
  }
}

/** The unbroken beginning of a page, @throws EVENTS_MISSED when it does not begin where it must */
function unbrokenRun(
  page: readonly StoredEvent[],
  { topic, tail, head }: { topic: string; tail: number; head: number },
): readonly StoredEvent[] {
  const broken = page.findIndex((event, index) => event.seq !== tail + 1 + index)
  const run = broken === -1 ? page : page.slice(0, broken)
  if (run.length > 0) return run
  const to = (page[0]?.seq ?? head + 1) - 1
  throw eventsError('EVENTS_MISSED', { topic, from: tail + 1, to })
}

/** Gives events their cursors and what they are the state of, and the first what it says of the way there. */
function createTelling({ cursors, recovered, stateOf }: SubscriptionOptions) {
  let unsaid = recovered
  return (event: StoredEvent): LiveEvent => {
    const state = stateOf(event)
    const live: LiveEvent = {
      ...{ ...event, cursor: cursors.encode(event) },
      ...(state === null ? {} : { state }),
    }
    if (unsaid === null) return live
    const first = { ...live, recovered: unsaid }
    unsaid = null
    return first
  }
}

/** The stream that one subscriber reads: history first, then what comes, each event once, in order. */
export function createSubscription(options: SubscriptionOptions): EventStream {
  const { feed, readAfter, filter, signal, bufferLimit, onEnd } = options
  const buffer = createBuffer(options)
  const tell = createTelling(options)
  let outcome: { failure: Error | null } | null = null
  let wake: () => void = () => {}

  const end = (failure: Error | null): void => {
    if (outcome) return
    outcome = { failure }
    detach()
    signal.removeEventListener('abort', abort)
    onEnd()
    wake()
  }
  const abort = () => end(null)
  const detach = feed.attach({
    push: (event) => {
      buffer.push(event)
      wake()
    },
    look: () => {
      buffer.look()
      wake()
    },
    end,
  })
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()

  const catchUp = async (): Promise<void> => {
    const tail = buffer.tail()
    const page = await readAfter(tail, bufferLimit)
    buffer.refill(unbrokenRun(page, { topic: feed.topic, tail, head: feed.head() }))
  }
  const changed = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const step = async (): Promise<void> => {
    if (buffer.isBehind()) await catchUp().catch((failure: Error) => end(failure))
    else await changed()
  }
  const next = async (): Promise<IteratorResult<LiveEvent, undefined>> => {
    while (!outcome) {
      const event = buffer.take()
      if (event && filter(event)) return { done: false, value: tell(event) }
      if (!event) await step()
    }
    const { failure } = outcome
    outcome = { failure: null }
    if (failure) throw failure
    return { done: true, value: undefined }
  }
  return {
    next: inTurn(next),
    return: async () => {
      end(null)
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** Has calls wait for each other, as an async generator's do. */
function inTurn<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const turn = last.then(work, work)
    last = turn
    return turn
  }
}
