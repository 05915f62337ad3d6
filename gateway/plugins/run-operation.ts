import type { ExecutionArgs, ExecutionResult } from 'graphql'
import type { DryRunReport } from '../access/dry-run-report.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { rejectionOf } from '../access/refusals.ts'
import { notedFetches } from '../caching/noted-fetches.ts'
import type { Demand } from '../demand/demand.ts'
import type { SubgraphRequest } from '../engine/execute-plan.ts'
import { refusingDefer } from '../engine/incremental/defer-in.ts'
import type { IncrementalResult } from '../engine/incremental/incremental-result.ts'
import type { ExecutionRequest } from '../engine/operation-executor.ts'
import { gatewayError } from '../errors.ts'
import { createExplainOperation, type ExplainOperation } from '../explaining/explain-operation.ts'
import { createFollowOperation, type FollowOperationDeps } from '../live/follow-operation.ts'
import { waysTo } from '../transport/ways-to-subgraphs.ts'
import type { Turns } from '../turns.ts'
import { callerOf, contextOf, type OperationContext } from './asking.ts'
import { deliverParts } from './deliver-parts.ts'
import { checkVariables } from './refuse-input.ts'
import { streamOf } from './streamed-answer.ts'
import { wordedAnswer } from './worded-answer.ts'

/** Executes operations over the supergraph, within the rights of whoever asks. */
export type RunOperation = {
  /** In parts where the operation and its asker want that. */
  execute: (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<IncrementalResult>>
  subscribe: (args: ExecutionArgs) => Promise<AsyncIterable<ExecutionResult>>
  /** What would become of it, in place of it. */
  explain: ExplainOperation
}

export type RunOperationDeps = FollowOperationDeps & {
  reportDryRun: DryRunReport
  demand: Demand
  turns: Turns
}

/** The middle of the pipeline: rights first, then the engine. */
export function createRunOperation(deps: RunOperationDeps): RunOperation {
  const follow = createFollowOperation(deps)
  return {
    execute: (args) => execute(deps, args),
    explain: createExplainOperation(deps),
    subscribe: async (args) => {
      const context = contextOf(args)
      const { channel, takesEvents } = context.asking
      // Before anything is opened that nobody would read.
      if (channel === 'http' && !takesEvents) throw gatewayError('STREAM_NOT_ACCEPTED')
      const operation = await authorise(deps, context, args)
      const rejection = rejected(deps, context, operation)
      if (rejection) return streamOf(rejection)
      const variables = args.variableValues ?? {}
      const planned = refusingDefer(operation, context.loaded.apiSchema, variables)
      const { chargeEvent, giveBack } = await deps.demand.admit(context, planned, variables)
      try {
        return await follow(args, planned, chargeEvent)
      } catch (failure) {
        giveBack()
        throw failure
      }
    },
  }
}

/** How the engine reaches subgraphs for one request. */
function waysOf(deps: RunOperationDeps, context: OperationContext) {
  const { asking, loaded } = context
  const { fetchSubgraph, sharing, ...ways } = waysTo(deps, loaded, callerOf(context))
  return {
    ...ways,
    fetchSubgraph: notedFetches(context, fetchSubgraph),
    signal: asking.signal,
    // Whoever joins another's answer does not hear what its parts say of their life.
    ...(context.caching ? {} : { sharing }),
  }
}

async function execute(deps: RunOperationDeps, args: ExecutionArgs) {
  const context = contextOf(args)
  context.seen?.enter('wait')
  await deps.turns.begin()
  context.asking.signal.throwIfAborted()
  const operation = await authorise(deps, context, args)
  const rejection = rejected(deps, context, operation)
  if (rejection) return rejection
  const variables = args.variableValues ?? {}
  const admitted = await deps.demand.admit(context, operation, variables)
  const ways = waysOf(deps, context)
  const newWay = () => admitted.fetchWith(ways.fetchSubgraph)
  const fetchSubgraph = newWay()
  const ask = (name: string, asked: SubgraphRequest) => fetchSubgraph(name, asked, ways.signal)
  const request: ExecutionRequest = {
    ...{ ...ways, variables, fetchSubgraph },
    ...(admitted.isWithinBounds ? { fetchForPart: newWay } : {}),
    planned: admitted.planned,
    context: { caller: callerOf(context), ask },
    observer: context.seen,
  }
  const tell = (result: ExecutionResult) => wordedAnswer(deps.settings, result)
  return admitted.pay(async () =>
    context.asking.delivery
      ? deliverParts({ ...deps, tell }, context, { operation, request })
      : tell(await context.loaded.executor(operation, request)),
  )
}

/** Rights first: the policies that it touches are asked, then what is refused is taken out. */
async function authorise(deps: RunOperationDeps, context: OperationContext, args: ExecutionArgs) {
  const { document, operationName, variableValues } = args
  const { loaded, asking } = context
  checkVariables(variableValues, deps.settings.limits.inputDepth)
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
