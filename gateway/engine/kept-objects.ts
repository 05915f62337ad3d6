import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'

const TYPENAME: FieldNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
}

function isConditional({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name }) => name.value === 'skip' || name.value === 'include')
}

/**
 * The planner leaves out an object of which nothing is asked under the conditions of a request; the
 * client is owed the object all the same, empty. So whatever asks under conditions alone asks for
 * the type too. An operation's own fields stay as they are: what they belong to is always there.
 */
export function keepingObjects(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      leave: (node: SelectionSetNode, _key, parent) => {
        const isRoot = parent && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION
        if (isRoot || !node.selections.every(isConditional)) return undefined
        return { ...node, selections: [...node.selections, TYPENAME] }
      },
    },
  })
}
