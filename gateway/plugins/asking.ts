import type { Client } from '#kernel/auth/client.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { anonymousIdentity } from '../access/who/anonymous.ts'
import type { Identity } from '../access/who/identity.ts'
import type { CacheNotes } from '../caching/cache-notes.ts'
import type { DeliveryFormat } from '../engine/incremental/incremental-result.ts'
import { resumeOf } from '../engine/resume-of.ts'
import type { OperationRecord } from '../seeing/operation-record.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { SubgraphCaller } from '../transport/subgraph.ts'
import { acceptedStreams } from './accepted-streams.ts'
import type { FactsOfRequests, RequestFacts } from './request-facts.ts'

/** Everything about who asks and how, the same over HTTP and WebSocket. */
export type Asking = {
  channel: 'http' | 'websocket'
  requestId: string
  identity: Identity
  viewer: Viewer
  /** Aborts when the asker goes away or the request takes too long. */
  signal: AbortSignal
  abort: (reason: unknown) => void
  /** Where a live feed is to go on, by the words of `resumeOf`. */
  resume: unknown
  wantsQueryPlan: boolean
  /** Of a request: whether its client takes the events of a subscription in some form. */
  takesEvents?: boolean
  /** How parts of an answer are worded for this asker, who takes parts. */
  delivery?: DeliveryFormat | null
  /** One and the same for all that comes over one live connection. */
  connection: object
  facts: RequestFacts | null
}

/** What stands in the context of an operation. */
export type OperationContext = {
  asking: Asking
  /** Pinned when the operation begins: a swap in between concerns the next one. */
  loaded: LoadedSupergraph
  params: { query?: string; extensions?: Record<string, unknown> | null }
  filtered?: FilteredOperation
  /** Present where the answer may be kept, if its parts allow it. */
  caching?: CacheNotes
  /** Absent where nobody wants to see it. */
  seen?: OperationRecord
}

type AskingInput = Pick<
  Asking,
  | 'channel'
  | 'requestId'
  | 'identity'
  | 'resume'
  | 'wantsQueryPlan'
  | 'takesEvents'
  | 'delivery'
  | 'facts'
> & { client: Client | null; gone: AbortSignal | null; connection?: object }

/** Joins what is known into one asking. */
export function createAsking({ gone, client, ...known }: AskingInput): Asking {
  const controller = new AbortController()
  return {
    // A request is a connection of its own.
    connection: controller,
    ...known,
    viewer: { ...known.identity.viewer, requestId: known.requestId, client },
    signal: gone ? AbortSignal.any([gone, controller.signal]) : controller.signal,
    abort: (reason) => controller.abort(reason),
  }
}

/** On whose behalf the subgraphs are asked. */
export function callerOf({ asking, seen }: OperationContext): SubgraphCaller {
  const { viewer, requestId, signal } = asking
  return { viewer, requestId, signal, traceparent: seen?.traceparent }
}

/**
 * The context of an operation as this gateway's plugins see it. Yoga's plugin types know only its
 * own part of the context; the rest is put there by `askingOf` and `useSupergraph`.
 */
export function contextOf({ contextValue }: { contextValue?: unknown }): OperationContext {
  return contextValue as OperationContext
}

type Initial = {
  asking?: Asking
  request?: Request
  params?: { extensions?: Record<string, unknown> | null }
}

/** The asking of a WebSocket is there already; that of an HTTP request is made of its facts. */
export function askingOf(
  { asking, request, params }: Initial,
  facts: FactsOfRequests,
): Pick<OperationContext, 'asking'> {
  if (asking) return { asking }
  if (!request) throw new Error('An operation without a request and without an asker.')
  const known = facts.of(request)
  const { subscription, delivery } = acceptedStreams(request.headers.get('accept'))
  return {
    asking: createAsking({
      channel: 'http',
      requestId: known.requestId,
      identity: known.identity ?? anonymousIdentity,
      client: known.client,
      resume: resumeOf(params?.extensions, request.headers.get('last-event-id')),
      wantsQueryPlan: known.wantsQueryPlan,
      takesEvents: subscription !== null,
      delivery,
      facts: known,
      gone: request.signal,
    }),
  }
}
