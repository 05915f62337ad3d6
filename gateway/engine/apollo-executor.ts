import type { ApolloGateway } from '@apollo/gateway'
import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getVariableValues,
} from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { gatewayError } from '../errors.ts'
import { shapeResult } from './shape-result.ts'

/** What an operation is executed with; `context` reaches the data sources as it is. */
export type ExecutionRequest = {
  variables: Readonly<Record<string, unknown>>
  context: Record<string, unknown>
}

/** Executes a filtered query or mutation and answers in the shape that the client asked for. */
export type OperationExecutor = (
  operation: FilteredOperation,
  request: ExecutionRequest,
) => Promise<ExecutionResult>

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
  if (error instanceof GraphQLError)
    return new GraphQLError(error.message, {
      path: error.path ?? null,
      extensions: { ...error.extensions },
    })
  if (!isDomainError(error)) log.error({ err: error }, 'a fetch failed without a code')
  const coded = isDomainError(error) ? error : gatewayError('SUBGRAPH_UNREACHABLE')
  return new GraphQLError(coded.message, { extensions: coded.extensions })
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

/** Executes filtered operations by Apollo's own executor. */
export function createApolloExecutor(deps: {
  schema: GraphQLSchema
  execute: ApolloExecute
  log: Logger
}): OperationExecutor {
  return async (operation, request) => {
    const definitions = operation.operation.variableDefinitions ?? []
    const coerced = getVariableValues(deps.schema, definitions, { ...request.variables })
    if (coerced.errors) return { errors: coerced.errors }
    const subject = { operation, schema: deps.schema, variables: coerced.coerced }
    if (operation.isFullyDenied) return shapeResult({ ...subject, data: null, errors: [] })
    const answer = await deps.execute(apolloRequest(operation, request, deps))
    const told = (answer.errors ?? []).map((error) => cleanError(error, deps.log))
    const errors = [...told, ...nulledValues(answer)]
    const data = answer.data ?? null
    if (operation.marks.size > 0) return shapeResult({ ...subject, data, errors })
    return errors.length > 0 ? { errors, data } : { data }
  }
}
