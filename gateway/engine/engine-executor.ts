import type { QueryPlan } from '@apollo/query-planner'
import { GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import { createNumbering } from '#kernel/numbering.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { answerInParts, createCrowd } from './answer-in-parts.ts'
import { type Answered, askSchema } from './ask-schema.ts'
import { coerceVariables } from './coerce-variables.ts'
import { executePlan } from './execute-plan.ts'
import { withoutDefer } from './incremental/defer-in.ts'
import type { ExecutionRequest, OperationExecutor } from './operation-executor.ts'
import { partsOf } from './parts-of-operation.ts'
import type { PlanCache } from './plan-cache.ts'
import { shapeResult } from './shape-result.ts'
import type { SharingOf } from './sharing-of.ts'
import { type SplitOperation, splitIntrospection } from './split-introspection.ts'

/** What the engine stands on. */
export type EngineDeps = {
  /** What clients see. */
  apiSchema: GraphQLSchema
  /** What plans speak of. */
  executionSchema: GraphQLSchema
  plans: PlanCache
  sharing: SharingOf
  log: Logger
}

/** A valid operation with all that is known of it before anybody is asked. */
type Ready = {
  operation: FilteredOperation
  split: SplitOperation
  /** Null where nothing is planned. */
  plan: QueryPlan | null
  /** Coerced, with defaults. */
  variables: Record<string, unknown>
}

/** What is planned of an operation, and what is not. */
function splitOf(
  { plans }: EngineDeps,
  operation: FilteredOperation,
  variables: Ready['variables'],
): SplitOperation {
  const { introspection, planned } = splitIntrospection(withoutDefer(operation))
  return { introspection, planned: planned && plans.settle(planned, variables) }
}

/** The plan of a part, where it is known. Where it is not, it is made, and nobody waits for it. */
function knownPlanOf(deps: EngineDeps, part: FilteredOperation, variables: Ready['variables']) {
  const { plans, log } = deps
  const { planned } = splitOf(deps, part, variables)
  const plan = planned && plans.known(planned)
  if (planned && !plan)
    plans
      .planIdly(planned)
      ?.catch((err: unknown) => log.debug({ err }, 'a part of an operation was not planned'))
  return plan
}

/** By which parts an operation goes that others ask with other variables; none where it stays whole. */
function partsFor({ operation, variables }: Ready, request: ExecutionRequest, deps: EngineDeps) {
  const { sharing, fetchForPart, observer } = request
  if (!sharing || !fetchForPart || observer?.isPlanShown) return []
  const parts = partsOf(operation)
  const plans = parts.flatMap((part) => knownPlanOf(deps, part, variables) ?? [])
  const mayBeShared = (plan: QueryPlan) =>
    sharing.askedAs(deps.sharing.ofPlan(plan)).sharedAs !== undefined
  // Where each part is its asker's own, only their fetches would be kept from travelling together.
  return plans.length === parts.length && plans.some(mayBeShared) ? parts : []
}

async function planOf(
  { plans, log }: EngineDeps,
  { planned }: SplitOperation,
  { observer, planned: looked }: ExecutionRequest,
) {
  if (!planned) return { plan: null }
  if (looked) {
    observer?.planned(looked.plan, looked.isKnown)
    return { plan: looked.plan }
  }
  observer?.enter('plan')
  const isKnown = observer !== undefined && plans.known(planned) !== null
  try {
    const plan = await plans.planOf(planned)
    observer?.planned(plan, isKnown)
    return { plan }
  } catch (failure) {
    if (!isDomainError(failure, 'OPERATION_NOT_PLANNABLE')) throw failure
    log.error({ err: failure }, 'an operation could not be planned')
    return { refused: new GraphQLError(failure.message, { extensions: failure.extensions }) }
  }
}

async function askSubgraphs(
  { plan, variables }: Ready,
  request: ExecutionRequest,
  { executionSchema }: EngineDeps,
): Promise<Answered> {
  if (!plan) return { data: {}, errors: [] }
  const { node } = plan
  if (node?.kind === 'Subscription') throw new Error('a subscription is no query')
  const { fetchSubgraph, signal, report, groupOf, observer } = request
  observer?.enter('execute')
  return executePlan({
    ...{ node, data: {}, variables, schema: executionSchema },
    ...{ fetchSubgraph, signal, report, groupOf, observer: observer?.nodes },
  })
}

async function answer(ready: Ready, request: ExecutionRequest, deps: EngineDeps) {
  const { operation, split, variables } = ready
  const { apiSchema: schema } = deps
  const fetched = await askSubgraphs(ready, request, deps)
  const given = { operation, variables: { ...request.variables } }
  const known = await askSchema(split, given, schema)
  request.observer?.enter('shape')
  const data = fetched.data && known.data ? { ...fetched.data, ...known.data } : null
  const errors = [...fetched.errors, ...known.errors]
  const { shared } = fetched
  return shapeResult({ operation, schema, variables, data, errors, ...(shared && { shared }) })
}

/** Names an operation with the rights that it was filtered for. */
const numberOf = createNumbering<FilteredOperation>()

/** Equal for questions that get the same answer; null for one whose answer is its asker's alone. */
function sharedKeyOf(
  { operation, plan, variables }: Ready,
  { sharing }: ExecutionRequest,
  deps: EngineDeps,
): string | null {
  if (!sharing) return null
  if (operation.operation.operation !== OperationTypeNode.QUERY) return null
  const { sharedAs } = sharing.askedAs(deps.sharing.ofPlan(plan ?? {}))
  if (sharedAs === undefined) return null
  return `${numberOf(operation)} ${sharedAs} ${JSON.stringify(variables)}`
}

/**
 * Executes filtered operations by plans of its own, and questions about the schema by itself. What
 * several ask at the same time is executed once, as far as its answer may be told to all of them.
 */
export function createEngineExecutor(deps: EngineDeps): OperationExecutor {
  const { apiSchema: schema } = deps
  const crowd = createCrowd()
  const execute: OperationExecutor = async (operation, request) => {
    const coerced = coerceVariables(schema, operation.operation, request.variables)
    if (coerced.errors) return { errors: coerced.errors }
    const { variables } = coerced
    if (operation.isFullyDenied)
      return shapeResult({ operation, schema, variables, data: null, errors: [] })
    const split = splitOf(deps, operation, variables)
    const { plan, refused } = await planOf(deps, split, request)
    if (refused) return shapeResult({ operation, schema, variables, data: null, errors: [refused] })
    const ready: Ready = { operation, split, plan, variables }
    const begin = (signal: AbortSignal) =>
      crowd.during(operation, (isAskedByOthers) => {
        const asked = { ...request, signal }
        const parts = isAskedByOthers ? partsFor(ready, request, deps) : []
        return parts.length > 0 ? answerInParts(execute, parts, asked) : answer(ready, asked, deps)
      })
    const key = sharedKeyOf(ready, request, deps)
    return key !== null && request.sharing
      ? request.sharing.answers.join(key, request.signal, begin)
      : begin(request.signal)
  }
  return execute
}
