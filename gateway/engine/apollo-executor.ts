import type { ApolloGateway } from '@apollo/gateway'
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  print,
} from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { buildFilteredDocument } from '../access/filtered-document.ts'
import { gatewayError } from '../errors.ts'
import { type Answered, askSchema } from './ask-schema.ts'
import { coerceVariables } from './coerce-variables.ts'
import { withoutDefer } from './incremental/defer-in.ts'
import type { ExecutionRequest, OperationExecutor } from './operation-executor.ts'
import { shapeResult } from './shape-result.ts'
import { type SplitOperation, splitIntrospection } from './split-introspection.ts'

type ApolloExecute = ApolloGateway['executor']
type ApolloRequest = Parameters<ApolloExecute>[0]

/** The parts of Apollo Server's request context that its gateway reads. */
function apolloRequest(
  operation: FilteredOperation,
  { variables, context }: ExecutionRequest,
  { schema, log }: { schema: GraphQLSchema; log: Logger },
): ApolloRequest {
  const { document, documentHash, operationName, text } = operation
  const request: Partial<ApolloRequest> = {
    request: {
      query: text,
      variables: { ...variables },
      ...(operationName === null ? {} : { operationName }),
    },
    document,
    source: text,
    queryHash: documentHash,
    operationName,
    context,
    schema,
    metrics: {},
    logger: {
      debug: (message) => log.debug(String(message)),
      info: (message) => log.info(String(message)),
      warn: (message) => log.warn(String(message)),
      error: (message) => log.error(String(message)),
    },
  }
  // The rest of that context belongs to Apollo Server and is not read by its gateway.
  return request as ApolloRequest
}

/** Apollo passes on whatever a data source threw, and wraps errors so that a server masks them. */
function cleanError(error: unknown, log: Logger): GraphQLError {
  if (isOfPlanner(error)) return notPlannable(error, log)
  if (error instanceof GraphQLError)
    return new GraphQLError(error.message, {
      path: error.path ?? null,
      extensions: { ...error.extensions },
    })
  if (!isDomainError(error)) log.error({ err: error }, 'a fetch failed without a code')
  const coded = isDomainError(error) ? error : gatewayError('SUBGRAPH_UNREACHABLE')
  return new GraphQLError(coded.message, { extensions: coded.extensions })
}

/** The planner's own words for an operation that this gateway found valid. */
function isOfPlanner(error: unknown): boolean {
  return error instanceof GraphQLError && error.extensions.code === 'INVALID_GRAPHQL'
}

function notPlannable(error: unknown, log: Logger): GraphQLError {
  log.error({ err: error }, 'an operation could not be planned')
  const { message, extensions } = gatewayError('OPERATION_NOT_PLANNABLE')
  return new GraphQLError(message, { extensions })
}

/** Values that Apollo nulled because the schema does not allow them, which it tells as an extension. */
function nulledValues({ extensions }: ExecutionResult): GraphQLError[] {
  const nulled = extensions?.valueCompletion
  if (!Array.isArray(nulled)) return []
  return nulled.map(({ path }: GraphQLFormattedError) => {
    const { message, extensions: coded } = gatewayError('SUBGRAPH_VALUE_INVALID')
    return new GraphQLError(message, { path: path ?? null, extensions: coded })
  })
}

/** What is shaped once more needs to know the types of objects, which Apollo tells only who asks. */
function tellingTypes(split: SplitOperation, schema: GraphQLSchema): SplitOperation {
  const { introspection, planned } = split
  if (!introspection || !planned) return split
  const { operation, fragments } = partsOf(planned.document)
  if (!operation) return split
  const document = buildFilteredDocument({ schema, operation, fragments, marks: new Map() })
  return { introspection, planned: { ...planned, document, text: print(document) } }
}

function partsOf({ definitions }: DocumentNode) {
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return { operation, fragments: new Map(fragments.map((node) => [node.name.value, node])) }
}

type ExecutorDeps = { schema: GraphQLSchema; execute: ApolloExecute; log: Logger }

async function askSubgraphs(
  { planned }: SplitOperation,
  request: ExecutionRequest,
  deps: ExecutorDeps,
): Promise<Answered> {
  if (!planned) return { data: {}, errors: [] }
  try {
    const answer = await deps.execute(apolloRequest(planned, request, deps))
    const told = (answer.errors ?? []).map((error) => cleanError(error, deps.log))
    return { data: answer.data ?? null, errors: [...told, ...nulledValues(answer)] }
  } catch (failure) {
    if (!isOfPlanner(failure)) throw failure
    return { data: null, errors: [notPlannable(failure, deps.log)] }
  }
}

/** Executes filtered operations by Apollo's own executor, and questions about the schema by itself. */
export function createApolloExecutor(deps: ExecutorDeps): OperationExecutor {
  return async (operation, request) => {
    const { schema } = deps
    const { variables, errors: refused } = coerceVariables(
      schema,
      operation.operation,
      request.variables,
    )
    if (refused) return { errors: refused }
    const subject = { operation, schema, variables }
    if (operation.isFullyDenied) return shapeResult({ ...subject, data: null, errors: [] })
    const split = tellingTypes(splitIntrospection(withoutDefer(operation)), schema)
    request.observer?.enter('execute')
    const fetched = await askSubgraphs(split, request, deps)
    const given = { operation, variables: { ...request.variables } }
    const known = await askSchema(split, given, schema)
    request.observer?.enter('shape')
    const errors = [...fetched.errors, ...known.errors]
    const data = fetched.data && known.data && { ...fetched.data, ...known.data }
    if (operation.marks.size > 0 || split.introspection)
      return shapeResult({ ...subject, data, errors })
    return errors.length > 0 ? { errors, data } : { data }
  }
}
