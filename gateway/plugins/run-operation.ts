import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { type DomainError, isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import type { FetchSubgraph, ReportFailure } from '../engine/execute-plan.ts'
import { type StreamSubgraph, subscribeFederated } from '../engine/subscribe.ts'
import { gatewayError } from '../errors.ts'
import type { LiveSessions } from '../live/live-sessions.ts'
import { createLiveStream } from '../live/live-stream.ts'
import type { OpenStreams } from '../live/open-streams.ts'
import type { Metrics } from '../metrics.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { Subgraph } from '../transport/subgraph.ts'
import type { Subgraphs } from '../transport/subgraphs.ts'
import { callerOf, contextOf, type OperationContext } from './asking.ts'
import { refuseNulInVariables } from './refuse-nul.ts'

/** Executes operations over the supergraph, within the rights of whoever asks. */
export type RunOperation = {
  execute: (args: ExecutionArgs) => Promise<ExecutionResult>
  subscribe: (args: ExecutionArgs) => AsyncIterable<ExecutionResult>
}

export type RunOperationDeps = {
  subgraphs: Subgraphs
  sessions: LiveSessions
  streams: OpenStreams
  metrics: Metrics
  log: Logger
}

/** The middle of the pipeline: rights first, then the engine. */
export function createRunOperation(deps: RunOperationDeps): RunOperation {
  return {
    execute: async (args) => {
      const context = contextOf(args)
      const operation = authorise(context, args)
      return context.loaded.executor(operation, {
        variables: args.variableValues ?? {},
        ...waysTo(deps, context),
        context: { caller: callerOf(context) },
        observer: context.seen,
      })
    },
    subscribe: (args) => subscribe(deps, args),
  }
}

type Fetched = { subgraph: string; requestId: string }

function reportFetch(log: Logger, failure: unknown, fetched: Fetched): void {
  if (isDomainError(failure))
    log.warn({ ...fetched, err: failure.cause, code: failure.code }, 'fetch failed')
  else log.error({ ...fetched, err: failure }, 'a fetch failed')
}

function authorise(context: OperationContext, args: ExecutionArgs) {
  const { document, operationName, variableValues } = args
  refuseNulInVariables(variableValues)
  context.seen?.enter('authorise')
  context.filtered = context.loaded.authorise({ document, operationName }, context.asking.viewer)
  context.seen?.is(context.filtered)
  return context.filtered
}

/** How the engine reaches subgraphs on behalf of whoever asks. */
function waysTo(deps: RunOperationDeps, context: OperationContext) {
  const { asking, loaded } = context
  const subgraphOf = (name: string) => subgraphNamed(deps.subgraphs, loaded, name)
  const fetchSubgraph: FetchSubgraph = (name, request, signal) =>
    subgraphOf(name).execute(request, { ...callerOf(context), signal })
  const streamSubgraph: StreamSubgraph = (name, request, signal) =>
    subgraphOf(name).subscribe(request, { ...callerOf(context), signal })
  const { signal, requestId } = asking
  const report: ReportFailure = (failure, subgraph) =>
    reportFetch(deps.log, failure, { subgraph, requestId })
  return { fetchSubgraph, streamSubgraph, report, signal }
}

function openSource(deps: RunOperationDeps, args: ExecutionArgs) {
  const context = contextOf(args)
  const { resume } = context.asking
  return subscribeFederated({
    supergraph: context.loaded,
    operation: authorise(context, args),
    variables: args.variableValues ?? {},
    ...(resume === null ? {} : { extensions: { resume } }),
    ...waysTo(deps, context),
    seeEvent: context.seen?.seeEvent,
  })
}

function subscribe(deps: RunOperationDeps, args: ExecutionArgs): AsyncIterable<ExecutionResult> {
  const { asking } = contextOf(args)
  const { channel } = asking
  const entry = { ip: asking.viewer.client?.ip ?? null, endWith: (_reason: DomainError) => {} }
  // A WebSocket is counted as the connection that it is.
  const leaveStreams = channel === 'http' ? deps.streams.enter(entry) : () => {}
  const source = openedOr(leaveStreams, () => openSource(deps, args))
  const count = deps.metrics.subscriptions.labels({ channel })
  count.inc()
  const stream = createLiveStream<ExecutionResult>({
    source: counted(source, () => deps.metrics.events.inc({ channel })),
    abort: () => asking.abort(new Error('The subscription ended.')),
    ended: () => {
      count.dec()
      leaveStreams()
      stopWatching()
      asking.signal.removeEventListener('abort', leave)
    },
  })
  entry.endWith = (reason) => stream.endWith({ errors: [lastWord(reason)] })
  const leave = () => void stream.return(undefined)
  asking.signal.addEventListener('abort', leave, { once: true })
  // Assigned below; the watch may end the stream before it returns.
  let stopWatching = () => {}
  stopWatching = deps.sessions.watch(asking.identity, (reason) => {
    deps.metrics.endedStreams.inc({ reason })
    // On a WebSocket the connection itself is closed (4403), which says more than an event.
    if (channel === 'http') stream.endWith({ errors: [lastWord(gatewayError(reason))] })
  })
  return stream
}

/** What was refused before it began must not stay counted. */
function openedOr<Source>(undo: () => void, open: () => Source): Source {
  try {
    return open()
  } catch (failure) {
    undo()
    throw failure
  }
}

function lastWord({ message, extensions }: DomainError): GraphQLError {
  return new GraphQLError(message, { extensions })
}

function subgraphNamed(subgraphs: Subgraphs, loaded: LoadedSupergraph, name: string): Subgraph {
  const address = loaded.subgraphs.find((subgraph) => subgraph.name === name)
  if (!address) throw gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: name })
  return subgraphs.at(address)
}

/** Not a generator: what asks for the end must not wait behind what asks for the next event. */
function counted<Item>(source: AsyncGenerator<Item, void, void>, count: () => void) {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const step = await source.next()
        if (!step.done) count()
        return step
      },
      return: () => source.return(),
    }),
  }
}
