import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql'
import type { ConcreteRequest } from 'relay-runtime'

type Leaf = { kind: 'ScalarField'; name: string }
type Branch = { kind: 'LinkedField'; name: string; concreteType: string; plural: boolean }
type RelaySelection = Leaf | (Branch & { selections: RelaySelection[] })

/** What the compiler of Relay makes of one operation of plain fields. */
export function artifactOf(text: string, sdl: string): ConcreteRequest {
  const [operation] = parse(text).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`No operation: ${text}`)
  const name = operation.name?.value ?? 'Unnamed'
  const root = rootOf(buildSchema(sdl), operation)
  const selections = selectionsOf(root, operation.selectionSet)
  return {
    kind: 'Request',
    fragment: {
      ...{ kind: 'Fragment', name, type: root.name, metadata: null },
      ...{ argumentDefinitions: [], selections },
    },
    operation: { kind: 'Operation', name, argumentDefinitions: [], selections },
    params: {
      ...{ id: null, cacheID: text, text, name, metadata: {} },
      operationKind: operation.operation,
    },
  }
}

function rootOf(schema: GraphQLSchema, { operation }: OperationDefinitionNode): GraphQLObjectType {
  const root = schema.getRootType(operation)
  if (!root) throw new Error(`The schema has no ${operation}.`)
  return root
}

/** A field that the schema lacks counts as a leaf: so it was when an old client was compiled. */
function selectionsOf(type: GraphQLObjectType, { selections }: SelectionSetNode): RelaySelection[] {
  return selections.map((selection) => {
    if (selection.kind !== Kind.FIELD) throw new Error('Fields alone are understood.')
    const name = selection.name.value
    const known = type.getFields()[name]
    const named = known && getNamedType(known.type)
    if (!selection.selectionSet || !isObjectType(named)) return { kind: 'ScalarField', name }
    const inner = selectionsOf(named, selection.selectionSet)
    const concreteType = named.name
    return { kind: 'LinkedField', name, concreteType, plural: false, selections: inner }
  })
}
