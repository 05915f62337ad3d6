import {
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'

const DEEPEST = 4
const PLAIN: Readonly<Record<string, unknown>> = {
  Int: 0,
  Float: 0,
  Boolean: false,
  ID: '1',
  BigInt: '0',
  DateTime: '2030-01-01T00:00:00.000Z',
}

function valueFor(type: GraphQLInputType, depth: number): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType, depth)
  if (depth > DEEPEST) return null
  if (isListType(type)) return [valueFor(type.ofType, depth + 1)]
  if (isEnumType(type)) return type.getValues()[0]?.name ?? ''
  if (!isInputObjectType(type)) return PLAIN[type.name] ?? ''
  const required = Object.values(type.getFields()).filter(isRequiredInputField)
  return Object.fromEntries(required.map((field) => [field.name, valueFor(field.type, depth + 1)]))
}

/** Variables that an operation must have and that are not there yet, with values to write over. */
export function missingVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const missing: Record<string, unknown> = {}
  for (const { variable, type: node, defaultValue } of variableDefinitions) {
    const name = variable.name.value
    // Only what is declared as an input type can be a variable; the rest is told by the linter.
    const type = typeFromAST(schema, node as never) as GraphQLInputType | undefined
    if (!type || !isNonNullType(type) || defaultValue || name in given) continue
    missing[name] = valueFor(type, 0)
  }
  return missing
}
