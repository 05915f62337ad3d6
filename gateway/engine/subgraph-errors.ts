import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import { gatewayError } from '../errors.ts'
import type { ResponsePath } from './plan-paths.ts'

/** Errors of one answer that are kept; a subgraph that fails for each row says the same each time. */
export const MAX_ERRORS = 1000

const DEFAULT_CODE = 'DOWNSTREAM_SERVICE_ERROR'

/** An error of a subgraph as the client sees it: at its place in the answer, and from where. */
export function placedError(
  error: GraphQLFormattedError,
  serviceName: string,
  path: ResponsePath | undefined,
): GraphQLError {
  return new GraphQLError(error.message || `A fetch from "${serviceName}" failed.`, {
    ...(path ? { path: [...path] } : {}),
    extensions: { code: DEFAULT_CODE, ...error.extensions, serviceName },
  })
}

/** A fetch that brought nothing: its own code where it has one, else that nobody was reached. */
export function failedFetch(
  failure: unknown,
  serviceName: string,
  path: ResponsePath | undefined,
): GraphQLError {
  const coded = isDomainError(failure)
    ? failure
    : gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: serviceName })
  return new GraphQLError(coded.message, {
    ...(path && path.length > 0 ? { path: [...path] } : {}),
    extensions: { ...coded.extensions, serviceName },
  })
}
