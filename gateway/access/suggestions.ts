import { type ExecutionResult, GraphQLError } from 'graphql'

/** How graphql-js ends a message with names that stand near the one that is unknown. */
const SUGGESTION = / Did you mean [^?]*\?/g

/**
 * The error without names that its asker did not bring: whoever may not read the schema is not to
 * learn it by guessing either.
 */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(SUGGESTION, '')
  if (message === error.message) return error
  const { nodes = null, source = null, positions = null, path = null, extensions } = error
  return new GraphQLError(message, { nodes, source, positions, path, extensions })
}

/** The same for what is wrong with the values of an operation's variables. */
export function withoutSuggestions(result: ExecutionResult): ExecutionResult {
  if (!result.errors?.some(({ extensions }) => extensions.code === 'BAD_USER_INPUT')) return result
  return { ...result, errors: result.errors.map(withoutSuggestion) }
}
