import type { SubscriptionNode } from '@apollo/query-planner'
import type { ExecutionResult, GraphQLError } from 'graphql'
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
  usedVariables,
} from './execute-plan.ts'
import type { LoadedSupergraph } from './load-supergraph.ts'
import type { NodeObserver } from './observer.ts'
import type { JsonObject } from './own-properties.ts'
import { applyRewrites } from './rewrites.ts'
import { type ShapeInput, shapeResult } from './shape-result.ts'
import { failedFetch, placedError } from './subgraph-errors.ts'

/** Opens a stream of a subgraph. Aborting the signal ends it. */
export type StreamSubgraph = (
  serviceName: string,
  request: SubgraphRequest,
  signal: AbortSignal,
) => AsyncIterable<SubgraphAnswer>

/** What a subscription is run with; it stays with one version of the supergraph. */
export type FederatedSubscription = {
  supergraph: Pick<LoadedSupergraph, 'apiSchema' | 'executionSchema' | 'plans'>
  operation: FilteredOperation
  /** As the client sent them. */
  variables: Readonly<JsonObject>
  /** Sent along with the primary request, such as `{ resume: cursor }`. */
  extensions?: JsonObject
  streamSubgraph: StreamSubgraph
  fetchSubgraph: FetchSubgraph
  report: ReportFailure
  signal?: AbortSignal
  /** Begins to look at an event; called once for each. */
  seeEvent?: (() => EventObserver | undefined) | undefined
}

/** Looks at one event, from its arrival until it is shaped. */
export type EventObserver = { nodes: NodeObserver; end: (result: ExecutionResult) => void }

type Prepared = Omit<FederatedSubscription, 'signal'> & {
  plan: SubscriptionNode
  /** Coerced, with defaults. */
  variables: Readonly<JsonObject>
  signal: AbortSignal
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

async function* once(result: ExecutionResult): AsyncGenerator<ExecutionResult, void, void> {
  yield result
}

/**
 * Runs a subscription over subgraphs: each event of the primary subgraph is completed by the rest
 * of the plan and shaped as the client asked, keeping `extensions.cursor`. Nothing is read ahead:
 * the next event is taken when the last result was. What ends the stream of the subgraph ends this
 * subscription alone, with one last result that says why. `return()` ends it at once.
 * Nothing is opened before it is read. Throws what planning refuses.
 */
export async function subscribeFederated(
  subscription: FederatedSubscription,
): Promise<AsyncGenerator<ExecutionResult, void, void>> {
  const { operation, supergraph } = subscription
  const { variables, errors } = coerceVariables(
    supergraph.apiSchema,
    operation.operation,
    subscription.variables,
  )
  if (errors) return once({ errors })
  if (operation.isFullyDenied)
    return once(shape({ operation, supergraph, variables }, { data: null, errors: [] }))
  const { plans } = supergraph
  const plan = await subscriptionPlanOf(supergraph, plans.settle(operation, variables))
  const ending = new AbortController()
  const signals = subscription.signal ? [subscription.signal, ending.signal] : [ending.signal]
  const signal = AbortSignal.any(signals)
  return endedAtOnce(results({ ...subscription, plan, variables, signal }), ending)
}

/**
 * A generator that waits for its source hears `return()` only after the next event; aborting makes
 * the source give up first.
 */
function endedAtOnce<Result>(
  source: AsyncGenerator<Result, void, void>,
  ending: AbortController,
): AsyncGenerator<Result, void, void> {
  return {
    next: () => source.next(),
    return: () => {
      ending.abort()
      return source.return()
    },
    throw: (failure: unknown) => {
      ending.abort()
      return source.throw(failure)
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      ending.abort()
      await source.return()
    },
  }
}

async function* results(prepared: Prepared): AsyncGenerator<ExecutionResult, void, void> {
  const { plan, variables, extensions, signal } = prepared
  const { primary } = plan
  const request: SubgraphRequest = {
    kind: 'subscription',
    query: primary.operation,
    variables: usedVariables(primary, variables),
    operationName: primary.operationName,
    ...(extensions ? { extensions } : {}),
  }
  try {
    for await (const event of prepared.streamSubgraph(primary.serviceName, request, signal))
      yield await resultOf(prepared, event)
  } catch (failure) {
    // Whoever aborted knows why and no longer listens.
    if (signal.aborted) return
    if (!isDomainError(failure) || failure.cause) prepared.report(failure, primary.serviceName)
    const errors = [interruption(failure, primary.serviceName)]
    yield shape(prepared, { data: null, errors })
  }
}

function interruption(failure: unknown, serviceName: string): GraphQLError {
  const coded = isDomainError(failure)
    ? failure
    : gatewayError('SUBSCRIPTION_INTERRUPTED', { subgraph: serviceName }, { cause: failure })
  return failedFetch(coded, serviceName, undefined)
}

async function resultOf(prepared: Prepared, event: SubgraphAnswer): Promise<ExecutionResult> {
  const { plan, supergraph, variables, fetchSubgraph, signal, report } = prepared
  const { primary, rest } = plan
  const ofEvent = (event.errors ?? []).map((error) =>
    placedError(error, primary.serviceName, error.path),
  )
  const cursor = event.extensions?.cursor
  const extensions = cursor === undefined ? {} : { extensions: { cursor } }
  if (!event.data) return { ...shape(prepared, { data: null, errors: ofEvent }), ...extensions }
  applyRewrites(supergraph.executionSchema, primary.outputRewrites, event.data)
  const seen = prepared.seeEvent?.()
  const fetched = await executePlan({
    node: rest,
    data: event.data,
    variables,
    schema: supergraph.executionSchema,
    fetchSubgraph,
    signal,
    report,
    observer: seen?.nodes,
  })
  // An asker whose rights ended while the rest was fetched gets nothing more.
  signal.throwIfAborted()
  const errors = [...ofEvent, ...fetched.errors]
  const result = { ...shape(prepared, { ...fetched, errors }), ...extensions }
  seen?.end(result)
  return result
}

type Shaped = Pick<Prepared, 'operation' | 'supergraph' | 'variables'>

function shape(
  { operation, supergraph, variables }: Shaped,
  answered: Pick<ShapeInput, 'data' | 'errors' | 'shared'>,
): ExecutionResult {
  return shapeResult({ operation, schema: supergraph.apiSchema, variables, ...answered })
}
