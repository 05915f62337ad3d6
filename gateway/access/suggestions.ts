import { type ExecutionResult, GraphQLError } from 'graphql'

/** How graphql-js begins to name what stands near the one that is unknown; a question mark ends it. */
const BEGINNING = ' Did you mean '
const END = '?'

/** In one pass: messages quote what was given, which may hold the beginning as often as it has room. */
function withoutQuestions(message: string): string {
  let kept = ''
  let from = 0
  for (;;) {
    const begin = message.indexOf(BEGINNING, from)
    const end = begin < 0 ? -1 : message.indexOf(END, begin + BEGINNING.length)
    if (end < 0) return kept + message.slice(from)
    kept += message.slice(from, begin)
    from = end + END.length
  }
}

/**
 * The error without names that its asker did not bring: whoever may not read the schema is not to
 * learn it by guessing either.
 */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = withoutQuestions(error.message)
  if (message === error.message) return error
  const { nodes = null, source = null, positions = null, path = null, extensions } = error
  return new GraphQLError(message, { nodes, source, positions, path, extensions })
}

/** The same for what is wrong with the values of an operation's variables. */
export function withoutSuggestions(result: ExecutionResult): ExecutionResult {
  if (!result.errors?.some(({ extensions }) => extensions.code === 'BAD_USER_INPUT')) return result
  return { ...result, errors: result.errors.map(withoutSuggestion) }
}
