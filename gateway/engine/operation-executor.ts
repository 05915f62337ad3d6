import type { QueryPlan } from '@apollo/query-planner'
import type { ExecutionResult } from 'graphql'
import type { GatewayConfig } from '#kernel/config.ts'
import type { AsAsker } from '../access/asked-as.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { InFlight } from '../transport/in-flight.ts'
import type { FetchSubgraph, ReportFailure } from './execute-plan.ts'
import type { GroupOf } from './fetches-together.ts'
import type { OperationObserver } from './observer.ts'

/** What an operation is executed with. */
export type ExecutionRequest = {
  /** As the client sent them. */
  variables: Readonly<Record<string, unknown>>
  fetchSubgraph: FetchSubgraph
  /** Another way to the subgraphs for each part that others may join; without it an operation stays whole. */
  fetchForPart?: (() => FetchSubgraph) | undefined
  report: ReportFailure
  signal: AbortSignal
  /** See `PlanExecution`. */
  groupOf?: GroupOf | undefined
  /** Without it nothing is shared with others. */
  sharing?: {
    /** In whose name a question is asked, and who may be told its answer beside its asker. */
    askedAs: AsAsker
    /** Whole answers that are under way, for whoever asks the same meanwhile. */
    answers: InFlight<ExecutionResult>
  }
  /** Reaches the data sources of Apollo's executor as it is; ours asks `fetchSubgraph`. */
  context: Record<string, unknown>
  observer?: OperationObserver | undefined
  /** The plan, where it was looked at already. */
  planned?: { plan: QueryPlan; isKnown: boolean } | undefined
}

/** Executes a filtered query or mutation and answers in the shape that the client asked for. */
export type OperationExecutor = (
  operation: FilteredOperation,
  request: ExecutionRequest,
) => Promise<ExecutionResult>

/** Ours, or the reference that it is compared with. */
export type ExecutorName = GatewayConfig['executor']
