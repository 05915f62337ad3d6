import { GraphQLError, type GraphQLSchema } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import { type Answered, askSchema } from './ask-schema.ts'
import { coerceVariables } from './coerce-variables.ts'
import { executePlan } from './execute-plan.ts'
import type { ExecutionRequest, OperationExecutor } from './operation-executor.ts'
import type { PlanCache } from './plan-cache.ts'
import { shapeResult } from './shape-result.ts'
import { type SplitOperation, splitIntrospection } from './split-introspection.ts'

type EngineDeps = {
  /** What clients see. */
  apiSchema: GraphQLSchema
  /** What plans speak of. */
  executionSchema: GraphQLSchema
  plans: PlanCache
  log: Logger
}

function planOf({ plans, log }: EngineDeps, planned: NonNullable<SplitOperation['planned']>) {
  try {
    return { plan: plans.planOf(planned) }
  } catch (failure) {
    if (!isDomainError(failure, 'OPERATION_NOT_PLANNABLE')) throw failure
    log.error({ err: failure }, 'an operation could not be planned')
    return { refused: new GraphQLError(failure.message, { extensions: failure.extensions }) }
  }
}

async function askSubgraphs(
  { planned }: SplitOperation,
  { request, variables }: { request: ExecutionRequest; variables: Record<string, unknown> },
  deps: EngineDeps,
): Promise<Answered> {
  if (!planned) return { data: {}, errors: [] }
  const { observer } = request
  observer?.enter('plan')
  const isKnown = observer !== undefined && deps.plans.has(planned)
  const { plan, refused } = planOf(deps, planned)
  if (refused) return { data: null, errors: [refused] }
  const { node } = plan
  if (node?.kind === 'Subscription') throw new Error('a subscription is no query')
  observer?.planned(plan, isKnown)
  observer?.enter('execute')
  return executePlan({
    node,
    data: {},
    variables,
    schema: deps.executionSchema,
    fetchSubgraph: request.fetchSubgraph,
    signal: request.signal,
    report: request.report,
    observer: observer?.nodes,
  })
}

/** Executes filtered operations by plans of its own, and questions about the schema by itself. */
export function createEngineExecutor(deps: EngineDeps): OperationExecutor {
  const { apiSchema: schema } = deps
  return async (operation, request) => {
    const coerced = coerceVariables(schema, operation.operation, request.variables)
    if (coerced.errors) return { errors: coerced.errors }
    const { variables } = coerced
    const subject = { operation, schema, variables }
    if (operation.isFullyDenied) return shapeResult({ ...subject, data: null, errors: [] })
    const split = splitIntrospection(operation)
    const fetched = await askSubgraphs(split, { request, variables }, deps)
    const given = { operation, variables: { ...request.variables } }
    const known = await askSchema(split, given, schema)
    request.observer?.enter('shape')
    const data = fetched.data && known.data ? { ...fetched.data, ...known.data } : null
    const errors = [...fetched.errors, ...known.errors]
    return shapeResult({
      ...subject,
      data,
      errors,
      ...(fetched.shared && { shared: fetched.shared }),
    })
  }
}
