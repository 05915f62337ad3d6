import {
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql'

type Given = Readonly<Record<string, unknown>>
type Coerced =
  | { variables: Record<string, unknown>; errors?: never }
  | { variables?: never; errors: GraphQLError[] }

/** The variables of an operation with their defaults, or what is wrong with them (BAD_USER_INPUT). */
export function coerceVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Given,
): Coerced {
  const { errors, coerced } = getVariableValues(schema, variableDefinitions, { ...given })
  return errors ? { errors: errors.map(coded) } : { variables: coerced }
}

function coded({ message, nodes }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { code: 'BAD_USER_INPUT' },
  })
}
