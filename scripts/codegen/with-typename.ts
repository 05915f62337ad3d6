import { type DocumentNode, Kind, type SelectionNode, type SelectionSetNode, visit } from 'graphql'

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

const isTypename = (node: SelectionNode) =>
  node.kind === Kind.FIELD && node.name.value === '__typename' && !node.alias

/** `__typename` last in every selection set but the operation's own, where a cache that normalises looks for it. */
export function withTypename(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      leave(node, _key, parent): SelectionSetNode | undefined {
        const isOfOperation =
          parent && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION
        if (isOfOperation || node.selections.some(isTypename)) return undefined
        return { ...node, selections: [...node.selections, TYPENAME] }
      },
    },
  })
}
