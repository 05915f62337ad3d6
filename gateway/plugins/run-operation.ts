import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { type DomainError, isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import type { DryRunReport } from '../access/dry-run-report.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { rejectionOf, tellRefusals } from '../access/refusals.ts'
import { withoutSuggestions } from '../access/suggestions.ts'
import { notedFetches } from '../caching/noted-fetches.ts'
import type { FetchSubgraph, ReportFailure } from '../engine/execute-plan.ts'
import type { GroupOf } from '../engine/fetches-together.ts'
import { refusingDefer } from '../engine/incremental/defer-in.ts'
import type { IncrementalResult } from '../engine/incremental/incremental-result.ts'
import type { ExecutionRequest } from '../engine/operation-executor.ts'
import { type StreamSubgraph, subscribeFederated } from '../engine/subscribe.ts'
import { gatewayError } from '../errors.ts'
import type { LiveSessions } from '../live/live-sessions.ts'
import { createLiveStream } from '../live/live-stream.ts'
import type { OpenStreams } from '../live/open-streams.ts'
import type { Metrics } from '../metrics.ts'
import type { GatewaySettings } from '../settings.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { InFlight } from '../transport/in-flight.ts'
import type { Subgraph } from '../transport/subgraph.ts'
import type { Subgraphs } from '../transport/subgraphs.ts'
import { asAsker } from './asked-as.ts'
import { callerOf, contextOf, type OperationContext } from './asking.ts'
import { deliverParts } from './deliver-parts.ts'
import { refuseNulInVariables } from './refuse-nul.ts'
import { isSchemaOpen } from './use-introspection.ts'

/** Executes operations over the supergraph, within the rights of whoever asks. */
export type RunOperation = {
  /** In parts where the operation and its asker want that. */
  execute: (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<IncrementalResult>>
  subscribe: (args: ExecutionArgs) => Promise<AsyncIterable<ExecutionResult>>
}

export type RunOperationDeps = {
  subgraphs: Subgraphs
  sessions: LiveSessions
  streams: OpenStreams
  metrics: Metrics
  settings: GatewaySettings
  reportDryRun: DryRunReport
  /** Whole answers that are under way. */
  answers: InFlight<ExecutionResult>
  log: Logger
}

/** The middle of the pipeline: rights first, then the engine. */
export function createRunOperation(deps: RunOperationDeps): RunOperation {
  return {
    execute: async (args) => {
      const context = contextOf(args)
      const operation = await authorise(deps, context, args)
      const rejection = rejected(deps, context, operation)
      if (rejection) return rejection
      const request: ExecutionRequest = {
        variables: args.variableValues ?? {},
        ...waysTo(deps, context),
        context: { caller: callerOf(context) },
        observer: context.seen,
      }
      if (context.asking.delivery) {
        const tell = (result: ExecutionResult) => told(deps, result)
        return deliverParts({ ...deps, tell }, context, { operation, request })
      }
      return told(deps, await context.loaded.executor(operation, request))
    },
    subscribe: async (args) => {
      const context = contextOf(args)
      const operation = await authorise(deps, context, args)
      return subscribe(deps, args, await openSource(deps, args, operation))
    },
  }
}

type Fetched = { subgraph: string; requestId: string }

function reportFetch(log: Logger, failure: unknown, fetched: Fetched): void {
  if (isDomainError(failure))
    log.warn({ ...fetched, err: failure.cause, code: failure.code }, 'fetch failed')
  else log.error({ ...fetched, err: failure }, 'a fetch failed')
}

/** Rights first: the policies that it touches are asked, then what is refused is taken out. */
async function authorise(deps: RunOperationDeps, context: OperationContext, args: ExecutionArgs) {
  const { document, operationName, variableValues } = args
  const { loaded, asking } = context
  refuseNulInVariables(variableValues)
  context.seen?.enter('authorise')
  const asked = { document, operationName }
  const granted = await loaded.policiesFor(asked, asking.viewer)
  const filtered = loaded.authorise(asked, asking.viewer, granted)
  loaded.hot.note(filtered, { asked, viewer: asking.viewer, uses: 1 })
  deps.reportDryRun(filtered, asking.viewer)
  context.filtered = filtered
  context.seen?.is(filtered)
  return filtered
}

/** What is answered in place of an operation that is refused as a whole; else null. */
function rejected(
  { settings: { access } }: RunOperationDeps,
  context: OperationContext,
  operation: FilteredOperation,
): ExecutionResult | null {
  if (access.mode !== 'reject' || operation.removedPaths.length === 0) return null
  // No plan is told of what was not executed.
  delete context.filtered
  return rejectionOf(operation, context.asking.viewer, access.refusals)
}

/** An answer with its errors worded as the settings want them. */
function told({ settings }: RunOperationDeps, result: ExecutionResult): ExecutionResult {
  const heard = tellRefusals(result, settings.access.refusals)
  return isSchemaOpen(settings) ? heard : withoutSuggestions(heard)
}

/** How the engine reaches subgraphs on behalf of whoever asks. */
function waysTo(deps: RunOperationDeps, context: OperationContext) {
  const { asking, loaded } = context
  const subgraphOf = (name: string) => subgraphNamed(deps.subgraphs, loaded, name)
  const askedAs = deps.settings.sharing
    ? asAsker(asking.viewer, deps.subgraphs)
    : () => ({ viewer: asking.viewer })
  const fetchSubgraph: FetchSubgraph = (name, request, signal) => {
    const inName = request.fetch && askedAs(loaded.sharing.ofFetch(request.fetch))
    return subgraphOf(name).execute(request, { ...callerOf(context), ...inName, signal })
  }
  const streamSubgraph: StreamSubgraph = (name, request, signal) =>
    subgraphOf(name).subscribe(request, { ...callerOf(context), signal })
  const { signal, requestId } = asking
  const report: ReportFailure = (failure, subgraph) =>
    reportFetch(deps.log, failure, { subgraph, requestId })
  return {
    fetchSubgraph: notedFetches(context, fetchSubgraph),
    streamSubgraph,
    report,
    signal,
    groupOf: groupsOf(deps, loaded),
    // Whoever joins another's answer does not hear what its parts say of their life.
    ...(context.caching ? {} : { sharing: { askedAs, answers: deps.answers } }),
  }
}

/** What only its asker may be told would make all that travels with it their own. */
function groupsOf(
  { subgraphs, settings }: RunOperationDeps,
  { sharing }: LoadedSupergraph,
): GroupOf {
  if (!subgraphs.tellsWho || !settings.sharing) return () => ''
  return (fetch) => sharing.ofFetch(fetch).sharing
}

async function* once(result: ExecutionResult): AsyncGenerator<ExecutionResult, void, void> {
  yield result
}

/** Planned, and nothing opened yet: that begins when the first event is asked for. */
async function openSource(
  deps: RunOperationDeps,
  args: ExecutionArgs,
  operation: FilteredOperation,
): Promise<Source> {
  const context = contextOf(args)
  const { resume } = context.asking
  const rejection = rejected(deps, context, operation)
  if (rejection) return once(rejection)
  return subscribeFederated({
    supergraph: context.loaded,
    operation: refusingDefer(operation, context.loaded.apiSchema, args.variableValues ?? {}),
    variables: args.variableValues ?? {},
    ...(resume === null ? {} : { extensions: { resume } }),
    ...waysTo(deps, context),
    seeEvent: context.seen?.seeEvent,
  })
}

type Source = AsyncGenerator<ExecutionResult, void, void>

function subscribe(
  deps: RunOperationDeps,
  args: ExecutionArgs,
  source: Source,
): AsyncIterable<ExecutionResult> {
  const { asking } = contextOf(args)
  const { channel } = asking
  const entry = { ip: asking.viewer.client?.ip ?? null, endWith: (_reason: DomainError) => {} }
  // A WebSocket is counted as the connection that it is.
  const leaveStreams = channel === 'http' ? deps.streams.enter(entry) : () => {}
  const count = deps.metrics.subscriptions.labels({ channel })
  count.inc()
  const tell = (result: ExecutionResult) => {
    deps.metrics.events.inc({ channel })
    return told(deps, result)
  }
  const stream = createLiveStream<ExecutionResult>({
    source: mapped(source, tell),
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
  // Gone while policies were asked or it was planned: nobody would call again.
  if (asking.signal.aborted) leave()
  return stream
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
function mapped<Item>(source: AsyncGenerator<Item, void, void>, map: (item: Item) => Item) {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const step = await source.next()
        return step.done ? step : { done: false as const, value: map(step.value) }
      },
      return: () => source.return(),
    }),
  }
}
