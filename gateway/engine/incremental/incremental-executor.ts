import { type ExecutionResult, GraphQLError } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { FilteredOperation } from '../../access/filter-operation.ts'
import { askSchema } from '../ask-schema.ts'
import { coerceVariables } from '../coerce-variables.ts'
import { takesContext } from '../context-arguments.ts'
import type { EngineDeps } from '../engine-executor.ts'
import type { ExecutionRequest, OperationExecutor } from '../operation-executor.ts'
import type { JsonObject } from '../own-properties.ts'
import { unexplained } from '../shape-result.ts'
import { splitIntrospection } from '../split-introspection.ts'
import { deferredIn } from './defer-in.ts'
import { type DeferredOperation, withFetches } from './deferred-operation.ts'
import { createDelivery, type Delivery, deliverPrimary, deliverReady, heardOf } from './delivery.ts'
import type { DeliveryFormat, IncrementalResult } from './incremental-result.ts'
import { placeRefusals, refusalsOfPrimary } from './place-refusals.ts'
import { type DeferredRun, labelsWithin, runDeferred } from './run-deferred.ts'
import { wordEnd, wordParts, wordPrimary } from './word-parts.ts'

type IncrementalDeps = EngineDeps & {
  /** Answers in one piece. */
  whole: OperationExecutor
}

/** An operation for a client that accepts parts. */
export type IncrementalRequest = ExecutionRequest & { format: DeliveryFormat }

/**
 * Executes a filtered query or mutation and answers in parts where it says `@defer` and something of
 * that is worth waiting for, else in one piece. The first result is there when all that is not
 * deferred is. An aborted signal ends the answer: with its reason where that has a code, else at once.
 */
export type IncrementalExecutor = (
  operation: FilteredOperation,
  request: IncrementalRequest,
) => Promise<ExecutionResult | AsyncGenerator<IncrementalResult, void, void>>

/** Executes the deferred blocks of plans; null is answered for what is not deferred. */
export function createIncrementalExecutor(deps: IncrementalDeps): IncrementalExecutor {
  const { apiSchema: schema } = deps
  return async (operation, request) => {
    const coerced = coerceVariables(schema, operation.operation, request.variables)
    if (coerced.errors || operation.isFullyDenied) return deps.whole(operation, request)
    const { variables } = coerced
    const deferred = deferredIn(operation, { schema, variables })
    const plan = deferred && (await planOf(deps, deferred, { ...request, variables }))
    if (!plan) return deps.whole(operation, request)
    const { split, deferred: waited, node } = plan
    const given = { operation: waited.operation, variables: { ...request.variables } }
    const known = await askSchema(split, given, schema)
    const data: JsonObject = { ...known.data }
    const ending = new AbortController()
    const signal = AbortSignal.any([request.signal, ending.signal])
    const { fetchSubgraph, report, format, observer } = request
    const reached = { schema: deps.executionSchema, fetchSubgraph, report, signal }
    observer?.enter('execute')
    const run = runDeferred({ node, data, variables, ...reached, observer: observer?.nodes })
    const errors = [...(await run.primary), ...known.errors]
    observer?.enter('shape')
    const delivery = createDelivery({ deferred: waited, schema, variables, format, run, data })
    return answered({ delivery, run, signal, end: () => ending.abort() }, errors)
  }
}

/** The plan with deferred blocks; null where there is none, so that nothing is to be waited for. */
async function planOf(
  { plans, log }: IncrementalDeps,
  deferred: DeferredOperation,
  { observer, variables }: IncrementalRequest,
) {
  const { introspection, planned: asked } = splitIntrospection(deferred.operation)
  if (!asked) return null
  const planned = plans.settle(asked, variables)
  const split = { introspection, planned }
  try {
    observer?.enter('plan')
    const isKnown = observer !== undefined && plans.known(planned) !== null
    const plan = await plans.planOf(planned)
    const { node } = plan
    // The planner does not order deferred fetches by what they take from further up (`@fromContext`).
    if (!node || node.kind === 'Subscription' || takesContext(node)) return null
    const labels = labelsWithin(node)
    if (labels.size === 0) return null
    observer?.planned(plan, isKnown)
    return { split, node, deferred: withFetches(deferred, labels) }
  } catch (failure) {
    if (!isDomainError(failure, 'OPERATION_NOT_PLANNABLE')) throw failure
    log.error({ err: failure }, 'an operation with @defer could not be planned')
    return null
  }
}

type Answering = { delivery: Delivery; run: DeferredRun; signal: AbortSignal; end: () => void }

function answered(answering: Answering, errors: readonly GraphQLError[]) {
  const { delivery, end } = answering
  const { delivered, data, invalid } = deliverPrimary(delivery)
  const others = [...heardOf(delivery, errors), ...refusalsOfPrimary(delivery)]
  const told = [...others, ...unexplained(invalid, [...others, ...delivery.refused])]
  if (delivery.pending.size > 0)
    return results(answering, wordPrimary(delivery, delivered, { data, errors: told }))
  end()
  return told.length > 0 ? { errors: told, data } : { data }
}

async function* results(
  answering: Answering,
  first: IncrementalResult,
): AsyncGenerator<IncrementalResult, void, void> {
  try {
    yield first
    while (answering.delivery.pending.size > 0) {
      const next = await nextOf(answering)
      if (!next) return
      yield next
    }
  } finally {
    answering.end()
  }
}

/** Null when nobody listens any more. */
async function nextOf({ delivery, run, signal }: Answering): Promise<IncrementalResult | null> {
  try {
    for (;;) {
      signal.throwIfAborted()
      const delivered = deliverReady(delivery)
      if (delivered) {
        placeRefusals(delivery, delivered)
        return wordParts(delivery, delivered)
      }
      await run.changed()
    }
  } catch (failure) {
    if (signal.aborted && !isDomainError(failure)) return null
    return wordEnd(delivery, lastWord(failure))
  }
}

/** What has no code is masked, and logged, on its way out. */
function lastWord(failure: unknown): GraphQLError {
  if (isDomainError(failure))
    return new GraphQLError(failure.message, { extensions: failure.extensions })
  const originalError = failure instanceof Error ? failure : new Error(String(failure))
  return new GraphQLError('Unexpected error.', { originalError })
}
