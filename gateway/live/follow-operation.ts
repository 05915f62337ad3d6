import type { ExecutionArgs, ExecutionResult } from 'graphql'
import type { DomainError } from '#kernel/errors.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { gatewayError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { type Asking, contextOf, type OperationContext } from '../plugins/asking.ts'
import { streamOf } from '../plugins/streamed-answer.ts'
import { wordedAnswer } from '../plugins/worded-answer.ts'
import type { FanOut } from './fan-out/fan-out.ts'
import type { ReaderWishes } from './fan-out/reader.ts'
import { type AskedBy, createJudge, type JudgeDeps, questionBy } from './judge-subscription.ts'
import { lastWord } from './last-word.ts'
import type { LiveSessions } from './live-sessions.ts'
import type { OpenStreams, StreamEntry } from './open-streams.ts'
import { createReaderStream, type ReaderStream } from './reader-stream.ts'
import { createReleases, type Releases } from './releases.ts'
import { createSubscriptionSlots, type SubscriptionSlots } from './subscription-slots.ts'

/** Subscribes to an operation that was parsed, validated, filtered and found within its limits. */
export type FollowOperation = (
  args: ExecutionArgs,
  operation: FilteredOperation,
  charge: ReaderWishes['charge'],
) => Promise<AsyncIterable<ExecutionResult>>

export type FollowOperationDeps = JudgeDeps & {
  fanOut: FanOut
  sessions: LiveSessions
  streams: OpenStreams
  metrics: Metrics
}

type Following = {
  context: OperationContext
  asked: AskedBy
  operation: FilteredOperation
  held: Releases
  charge: ReaderWishes['charge']
}

/** The subscriptions of one gateway: counted, watched, and shared where they may be. */
export function createFollowOperation(deps: FollowOperationDeps): FollowOperation {
  const slots = createSubscriptionSlots(deps.settings.live)
  return async (args, operation, charge) => {
    const context = contextOf(args)
    const held = createReleases()
    try {
      return await follow(
        { ...deps, slots },
        { context, asked: askedBy(args, context), operation, held, charge },
      )
    } catch (failure) {
      // What was refused before it began must not stay counted.
      held.release()
      throw failure
    }
  }
}

/** Not the context itself, which holds far more than is needed for as long as the stream lasts. */
function askedBy(
  { document, operationName, variableValues }: ExecutionArgs,
  { asking, seen }: OperationContext,
): AskedBy {
  return {
    ...{ document, operationName, variables: variableValues ?? {} },
    ...{ viewer: asking.viewer, requestId: asking.requestId },
    ...{ traceparent: seen?.traceparent, seeEvent: seen?.seeEvent },
  }
}

async function follow(
  deps: FollowOperationDeps & { slots: SubscriptionSlots },
  { context, asked, operation, held, charge }: Following,
): Promise<AsyncIterable<ExecutionResult>> {
  const { asking, loaded } = context
  const { channel, resume } = asking
  const conflateMs = conflationIn(context)
  const entry = entryOf(asking)
  // A WebSocket is counted as the connection that it is.
  if (channel === 'http') held.add(deps.streams.enter(entry))
  held.add(deps.slots.take(asking.viewer))
  const { question, answer } = await questionBy(deps, asked, { loaded, operation })
  if (answer) {
    held.release()
    return streamOf(wordedAnswer(deps.settings, answer))
  }
  const judge = createJudge(deps, asked)
  const ended = held.release
  const wishes = { conflateMs, ended, charge }
  const reader = await deps.fanOut.follow({ asked: question, judge, resume, ...wishes })
  deps.metrics.subscriptions.inc({ channel })
  held.add(() => deps.metrics.subscriptions.dec({ channel }))
  const told = deps.metrics.events.labels({ channel })
  const stream = createReaderStream(reader, () => told.inc())
  watch(deps, stream, { asking, entry, held })
  return stream
}

/** Ended before it has begun: the reason is kept for then. */
function entryOf({ viewer }: Asking): Entry {
  const entry: Entry = {
    ip: viewer.client?.ip ?? null,
    ended: null,
    endWith: (reason) => {
      entry.ended = reason
    },
  }
  return entry
}

type Entry = StreamEntry & { ended: DomainError | null }
type Watched = { asking: Asking; entry: Entry; held: Releases }

/** On a WebSocket the connection is watched, and the end of an operation is told to its reader. */
function watch(
  { sessions, metrics }: FollowOperationDeps,
  { reader }: ReaderStream,
  { asking, entry, held }: Watched,
): void {
  const endWith = (reason: DomainError) => reader.endWith({ last: lastWord(reason) })
  entry.endWith = endWith
  if (entry.ended) endWith(entry.ended)
  const leave = () => reader.endWith({ last: null })
  // Gone while policies were asked or it was planned: nobody would call again.
  if (asking.signal.aborted) leave()
  if (asking.channel === 'websocket') return
  asking.signal.addEventListener('abort', leave, { once: true })
  held.add(() => asking.signal.removeEventListener('abort', leave))
  held.add(
    sessions.watch(asking.identity, (reason) => {
      metrics.endedStreams.inc({ reason })
      endWith(gatewayError(reason))
    }),
  )
}

/** Longest time between two looks at states that a subscriber may wish for. */
const LONGEST_CONFLATION_MS = 120_000

/** @throws CONFLATION_INVALID */
function conflationIn({ params }: OperationContext): number | null {
  const wish = params.extensions?.conflateMs ?? null
  if (wish === null) return null
  const isWhole = typeof wish === 'number' && Number.isInteger(wish)
  if (isWhole && wish >= 0 && wish <= LONGEST_CONFLATION_MS) return wish
  throw gatewayError('CONFLATION_INVALID')
}
