import type { SubscriptionNode } from '@apollo/query-planner'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { gatewayError } from '../errors.ts'
import { coerceVariables } from './coerce-variables.ts'
import {
  executePlan,
  type FetchSubgraph,
  type ReportFailure,
  type SubgraphAnswer,
  type SubgraphRequest,
} from './execute-plan.ts'
import type { GroupOf } from './fetches-together.ts'
import type { LoadedSupergraph } from './load-supergraph.ts'
import type { NodeObserver } from './observer.ts'
import type { JsonObject } from './own-properties.ts'
import { usedVariables } from './request-text.ts'
import { resumeExtensions } from './resume-of.ts'
import { applyRewrites } from './rewrites.ts'
import { type ShapeInput, shapeResult } from './shape-result.ts'
import { failedFetch, placedError } from './subgraph-errors.ts'

/** Opens a stream of a subgraph. Aborting the signal ends it. */
export type StreamSubgraph = (
  serviceName: string,
  request: SubgraphRequest,
  signal: AbortSignal,
) => AsyncIterable<SubgraphAnswer>

/** How the engine reaches subgraphs, and whom it tells of failures without a code. */
export type LiveWays = {
  streamSubgraph: StreamSubgraph
  fetchSubgraph: FetchSubgraph
  report: ReportFailure
  /** Which fetches for one subgraph may travel together. */
  groupOf?: GroupOf | undefined
  /** Begins to look at an event; called once for each. */
  seeEvent?: (() => EventObserver | undefined) | undefined
}

/** Looks at one event, from its arrival until it is shaped. */
export type EventObserver = { nodes: NodeObserver; end: (result: ExecutionResult) => void }

/** A subscription that can be opened; it stays with one version of the supergraph. */
export type LiveQuestion = {
  readonly supergraph: Pick<LoadedSupergraph, 'apiSchema' | 'executionSchema'>
  readonly operation: FilteredOperation
  readonly plan: SubscriptionNode
  /** Coerced, with defaults. */
  readonly variables: Readonly<JsonObject>
}

/** A question, or the one answer to what needs no stream: wrong variables, nothing that may be seen. */
export type PreparedSubscription =
  | { question: LiveQuestion; answer?: never }
  | { answer: ExecutionResult; question?: never }

type Asked = {
  operation: FilteredOperation
  /** As the client sent them. */
  variables: Readonly<JsonObject>
}

/** The plan of a subscription; throws OPERATION_NOT_PLANNABLE for any other operation. */
export async function subscriptionPlanOf(
  { plans }: Pick<LoadedSupergraph, 'plans'>,
  operation: FilteredOperation,
): Promise<SubscriptionNode> {
  const { node } = await plans.planOf(operation)
  if (node?.kind !== 'Subscription')
    throw gatewayError('OPERATION_NOT_PLANNABLE', { reason: 'no subscription' })
  return node
}

/** Makes a subscription ready without asking anybody. Throws what planning refuses. */
export async function prepareSubscription(
  supergraph: Pick<LoadedSupergraph, 'apiSchema' | 'executionSchema' | 'plans'>,
  asked: Asked,
): Promise<PreparedSubscription> {
  const { operation } = asked
  const { apiSchema } = supergraph
  const { variables, errors } = coerceVariables(apiSchema, operation.operation, asked.variables)
  if (errors) return { answer: { errors } }
  if (operation.isFullyDenied)
    return { answer: shape({ operation, supergraph, variables }, { data: null, errors: [] }) }
  const settled = supergraph.plans.settle(operation, variables)
  const plan = await subscriptionPlanOf(supergraph, settled)
  return { question: { supergraph, operation, plan, variables } }
}

/** What the primary subgraph is asked, going on after `resume` where that is given. */
export function primaryRequest(
  { plan: { primary }, variables }: LiveQuestion,
  resume: unknown,
): { serviceName: string; request: SubgraphRequest } {
  return {
    serviceName: primary.serviceName,
    request: {
      kind: 'subscription',
      query: primary.operation,
      variables: usedVariables(primary, variables),
      operationName: primary.operationName,
      ...resumeExtensions(resume),
    },
  }
}

/**
 * Completes an event of the primary subgraph by the rest of the plan, and shapes it as the client
 * asked. Whatever is wrong with an event is told in its answer: the stream goes on. Throws only the
 * reason of an aborted signal.
 */
export async function answerEvent(
  question: LiveQuestion,
  event: SubgraphAnswer,
  { signal, ...ways }: LiveWays & { signal: AbortSignal },
): Promise<ExecutionResult> {
  try {
    const answer = await completed(question, event, { ...ways, signal })
    // An asker whose rights ended while the rest was fetched gets nothing more.
    signal.throwIfAborted()
    return answer
  } catch (failure) {
    if (signal.aborted) throw signal.reason
    if (!isDomainError(failure)) ways.report(failure, question.plan.primary.serviceName)
    return failedEvent(failure)
  }
}

async function completed(
  question: LiveQuestion,
  event: SubgraphAnswer,
  { fetchSubgraph, report, signal, groupOf, seeEvent }: LiveWays & { signal: AbortSignal },
): Promise<ExecutionResult> {
  const { plan, supergraph, variables } = question
  const { primary, rest } = plan
  const ofEvent = (event.errors ?? []).map((error) =>
    placedError(error, primary.serviceName, error.path),
  )
  if (!event.data) return shape(question, { data: null, errors: ofEvent })
  const schema = supergraph.executionSchema
  applyRewrites(schema, primary.outputRewrites, event.data)
  const seen = seeEvent?.()
  try {
    const fetched = await executePlan({
      ...{ node: rest, data: event.data, variables, schema, fetchSubgraph },
      ...{ signal, report, groupOf, observer: seen?.nodes },
    })
    const errors = [...ofEvent, ...fetched.errors]
    const result = shape(question, { ...fetched, errors })
    seen?.end(result)
    return result
  } catch (failure) {
    seen?.end(failedEvent(failure))
    throw failure
  }
}

function failedEvent(failure: unknown): ExecutionResult {
  const originalError = failure instanceof Error ? failure : new Error(String(failure))
  return { data: null, errors: [new GraphQLError('Unexpected error.', { originalError })] }
}

/** The last word of a stream that broke off. */
export function interruptedAnswer(question: LiveQuestion, failure: unknown): ExecutionResult {
  const { serviceName } = question.plan.primary
  const coded = isDomainError(failure)
    ? failure
    : gatewayError('SUBSCRIPTION_INTERRUPTED', { subgraph: serviceName }, { cause: failure })
  const errors = [failedFetch(coded, serviceName, undefined)]
  return shape(question, { data: null, errors })
}

type Shaped = Omit<LiveQuestion, 'plan'>

function shape(
  { operation, supergraph, variables }: Shaped,
  answered: Pick<ShapeInput, 'data' | 'errors' | 'shared'>,
): ExecutionResult {
  return shapeResult({ operation, schema: supergraph.apiSchema, variables, ...answered })
}
