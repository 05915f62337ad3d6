import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Mark } from './removal-marks.ts'

type Marked = {
  schema: GraphQLSchema
  operation: OperationDefinitionNode
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  marks: ReadonlyMap<ASTNode, Mark>
}

const TYPENAME: FieldNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
}

function asksTypename(selectionSet: SelectionSetNode): boolean {
  return selectionSet.selections.some(
    (selection) =>
      selection.kind === Kind.FIELD &&
      selection.name.value === '__typename' &&
      !selection.alias &&
      !selection.directives?.length,
  )
}

/** Removes marked nodes; abstract places ask for `__typename`, which shaping the answer needs. */
function withoutMarked<Node extends OperationDefinitionNode | FragmentDefinitionNode>(
  { schema, marks }: Marked,
  definition: Node,
): Node {
  const types = new TypeInfo(schema)
  const drop = (node: ASTNode) => (marks.has(node) ? null : undefined)
  const visitor = {
    Field: drop,
    FragmentSpread: drop,
    InlineFragment: drop,
    SelectionSet: {
      leave: (node: SelectionSetNode) =>
        isAbstractType(types.getParentType()) && !asksTypename(node)
          ? { ...node, selections: [...node.selections, TYPENAME] }
          : undefined,
    },
  }
  return visit(definition, visitWithTypeInfo(types, visitor)) as Node
}

function namesWithin(definition: ASTNode) {
  const spreads = new Set<string>()
  const variables = new Set<string>()
  visit(definition, {
    VariableDefinition: () => false,
    FragmentSpread: (node) => {
      spreads.add(node.name.value)
    },
    Variable: (node) => {
      variables.add(node.name.value)
    },
  })
  return { spreads, variables }
}

/** The operation without its marked nodes, nor the fragments and variables that nothing uses then. */
export function buildFilteredDocument(marked: Marked): DocumentNode {
  const operation = withoutMarked(marked, marked.operation)
  const within = namesWithin(operation)
  const fragments = new Map<string, FragmentDefinitionNode>()
  const wanted = [...within.spreads]
  for (const name of wanted) {
    const original = marked.fragments.get(name)
    if (!original || fragments.has(name)) continue
    const fragment = withoutMarked(marked, original)
    fragments.set(name, fragment)
    const inside = namesWithin(fragment)
    wanted.push(...inside.spreads)
    for (const variable of inside.variables) within.variables.add(variable)
  }
  const variableDefinitions = (operation.variableDefinitions ?? []).filter((definition) =>
    within.variables.has(definition.variable.name.value),
  )
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, variableDefinitions }, ...fragments.values()],
  }
}
