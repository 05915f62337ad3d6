import {
  type ArgumentNode,
  type FieldNode,
  GraphQLError,
  Kind,
  parse,
  type ValueNode,
} from 'graphql'

/** A change: its text, and the variables that go with it. */
export type Change = { readonly text: string; readonly variables: unknown }

/** Whether a change sent twice is made once: it is one alone, and its input carries a key of its own. */
export function isRepeatable({ text, variables }: Change): boolean {
  const input = onlyFieldOf(text)?.arguments?.find(isInput)?.value
  if (!input) return false
  const read = (node: ValueNode): unknown => {
    if (node.kind === Kind.VARIABLE) return memberOf(variables, node.name.value)
    return node.kind === Kind.STRING ? node.value : null
  }
  if (input.kind !== Kind.OBJECT) return isText(memberOf(read(input), KEY))
  const key = input.fields.find(({ name }) => name.value === KEY)
  return key !== undefined && isText(read(key.value))
}

const KEY = 'idempotencyKey'

const isInput = ({ name }: ArgumentNode) => name.value === 'input'

const isText = (value: unknown) => typeof value === 'string'

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** The field of an operation that asks for one; null too where a fragment might bring more. */
function onlyFieldOf(text: string): FieldNode | null {
  const operation = definitionsOf(text).find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return null
  const [field, ...others] = operation.selectionSet.selections
  return field?.kind === Kind.FIELD && others.length === 0 ? field : null
}

function definitionsOf(text: string) {
  try {
    return parse(text, { noLocation: true }).definitions
  } catch (failure) {
    // The platform says what is wrong with it.
    if (failure instanceof GraphQLError) return []
    throw failure
  }
}
