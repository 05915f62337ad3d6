import { GraphQLError, type GraphQLErrorOptions } from 'graphql'
import { asRefusal } from '../db/errors.ts'
import type { DomainError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { graphqlError } from './errors.ts'

/** The coded refusal behind a failure, or null when it is a bug. */
export function toRefusal(failure: unknown): DomainError | null {
  const cause = failure instanceof GraphQLError ? failure.originalError : failure
  return asRefusal(cause)
}

function locate(failure: unknown): Pick<GraphQLErrorOptions, 'nodes' | 'path'> {
  if (!(failure instanceof GraphQLError)) return {}
  return { nodes: failure.nodes ?? null, path: failure.path ?? null }
}

/** What a scalar says of a variable's value, which GraphQL wraps in a complaint of its own. */
function isBadVariable(failure: unknown): failure is GraphQLError {
  if (!(failure instanceof GraphQLError) || failure.path !== undefined) return false
  const { originalError } = failure
  return originalError instanceof GraphQLError && originalError.originalError === undefined
}

/**
 * What a client may see of a failure: a refusal with its code, GraphQL's own complaints as they are,
 * and for a bug a sentence, while the log gets the cause.
 */
export function maskError(failure: unknown, log: Logger): GraphQLError {
  const refusal = toRefusal(failure)
  if (refusal) {
    return new GraphQLError(refusal.message, { ...locate(failure), extensions: refusal.extensions })
  }
  // Without an original it is GraphQL's complaint about the request, not a failure of ours.
  if (failure instanceof GraphQLError && !failure.originalError) return failure
  if (isBadVariable(failure)) {
    return new GraphQLError(failure.message, { extensions: { code: 'BAD_USER_INPUT' } })
  }
  const cause = failure instanceof GraphQLError ? failure.originalError : failure
  log.error({ err: cause }, 'a resolver failed')
  const masked = graphqlError('INTERNAL_SERVER_ERROR')
  return new GraphQLError(masked.message, { ...locate(failure), extensions: masked.extensions })
}
