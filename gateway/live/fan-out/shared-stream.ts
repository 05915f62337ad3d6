import { isDomainError } from '#kernel/errors.ts'
import type { SubgraphAnswer } from '../../engine/execute-plan.ts'
import {
  answerEvent,
  interruptedAnswer,
  type LiveQuestion,
  type LiveWays,
  primaryRequest,
} from '../../engine/subscribe.ts'
import { answerInvalid } from '../../transport/answer.ts'
import { createAnnouncer } from './announcer.ts'
import { createHistory, type History, type HistoryBounds } from './history.ts'
import { createHolds } from './holds.ts'
import { createPace } from './pace.ts'
import type { Ending, Reader, ReadStream } from './reader.ts'
import { type EventAudience, marksOf, type Told, tell } from './told.ts'
import { type ReopeningBounds, readUpstream } from './upstream.ts'

/** What many subscribers ask as one. */
export type SharedQuestion = {
  /** Equal for all who may share one stream, one execution and one text of each event. */
  readonly key: string
  /** Of the supergraph that it stays with. */
  readonly version: string
  /** Equal where it is asked in the same name. */
  readonly asker: string
  readonly question: LiveQuestion
  readonly ways: LiveWays
  readonly audience: EventAudience
}

/** One stream of a subgraph and everybody who reads it. */
export type SharedStream = ReadStream & {
  readonly asked: () => SharedQuestion
  readonly readers: ReadonlySet<Reader>
  /** Whether who comes without a cursor may read it: it tells of nothing from before they came. */
  readonly isLive: boolean
  /** Asks from now on as this says; the primary part has to be the same. */
  readonly ask: (question: SharedQuestion) => void
  /** Keeps what comes from its readers until whoever holds it, several maybe, called `release`. */
  readonly hold: () => void
  readonly release: () => void
  /** Its readers go on in another stream of the same events, once they have read this one. */
  readonly continueIn: (stream: ReadStream, offset: number) => void
  /** Ends its upstream; its readers are left as they are. */
  readonly close: () => void
}

export type SharedStreamDeps = {
  bounds: HistoryBounds & ReopeningBounds
  /** Told after each event. */
  appended: (stream: SharedStream, told: Told) => void
  /** Called once, when its upstream has ended. */
  closed: (stream: SharedStream) => void
}

/** @throws SUBGRAPH_ANSWER_INVALID for an event that goes back behind the one before it. */
function throwIfOutOfOrder(cursor: string | null, history: History, subgraph: string): void {
  const place = cursor === null ? undefined : history.placeOf(cursor)
  if (place !== undefined && place < history.head())
    throw answerInvalid(subgraph, new Error('The stream went back to an earlier event.'))
}

/**
 * Opens a stream, and closes it when the last of its readers has left.
 * @param resume the cursor to begin after, as it was given; null to begin with what comes
 */
export function openSharedStream(
  first: SharedQuestion,
  resume: unknown,
  deps: SharedStreamDeps,
): SharedStream {
  const closing = new AbortController()
  const { signal } = closing
  const history = createHistory(deps.bounds, typeof resume === 'string' ? resume : null)
  const readers = new Set<Reader>()
  const announcer = createAnnouncer(readers)
  const pace = createPace({ ...deps, history, readers })
  let asked = first
  const isLive = resume === null
  const holds = createHolds()
  let ending: Ending | null = null
  let successor: ReadStream['successor'] = null

  const close = () => {
    if (signal.aborted) return
    closing.abort(new Error('Nobody reads this stream any more.'))
    pace.end()
    holds.end()
    deps.closed(stream)
  }
  const end = (how: Ending) => {
    ending = how
    close()
    announcer.announce()
  }
  const fail = (failure: unknown) => {
    if (signal.aborted) return
    const { question, audience, ways } = asked
    const { serviceName } = question.plan.primary
    if (!isDomainError(failure) || failure.cause) ways.report(failure, serviceName)
    const marks = { cursor: null, state: null }
    end({ last: tell(interruptedAnswer(question, failure), marks, audience).result })
  }
  const take = async (answer: SubgraphAnswer): Promise<string | null> => {
    // What comes while it is judged is answered as it is asked afterwards.
    while (holds.isHeld && !signal.aborted) await holds.released()
    const { question, ways, audience } = asked
    const marks = marksOf(answer.extensions)
    throwIfOutOfOrder(marks.cursor, history, question.plan.primary.serviceName)
    const answered = await answerEvent(question, answer, { ...ways, signal })
    // Meanwhile it may have met another stream, in which its readers hear of this event.
    signal.throwIfAborted()
    const told = tell(answered, marks, audience)
    history.append(told)
    announcer.announce()
    deps.appended(stream, told)
    await pace.room({ isState: marks.state !== null, isLive })
    return marks.cursor
  }
  const stream: SharedStream = {
    history,
    readers,
    asked: () => asked,
    isLive,
    get isHeld() {
      return holds.isHeld
    },
    get ending() {
      return ending
    },
    get successor() {
      return successor
    },
    attach: (reader) => {
      readers.add(reader)
      pace.noted()
    },
    detach: (reader) => {
      readers.delete(reader)
      pace.noted()
      if (readers.size === 0) close()
    },
    advanced: pace.noted,
    ask: (question) => {
      asked = question
    },
    hold: holds.hold,
    release: () => {
      if (holds.release()) announcer.announce()
    },
    continueIn: (other, offset) => {
      successor = { stream: other, offset }
      close()
      announcer.announce()
    },
    close,
  }
  const open = (from: unknown) => {
    const { question, ways } = asked
    const { serviceName, request } = primaryRequest(question, from)
    return ways.streamSubgraph(serviceName, request, signal)
  }
  const failed = (failure: unknown) =>
    asked.ways.report(failure, asked.question.plan.primary.serviceName)
  readUpstream({ open, take, failed, bounds: deps.bounds, signal }, resume).then(
    () => end({ last: null }),
    fail,
  )
  return stream
}
