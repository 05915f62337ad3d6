import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql'

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function collectSpread(node: ASTNode, fragments: Fragments, used: Set<string>): void {
  visit(node, {
    FragmentSpread: ({ name }) => {
      if (used.has(name.value)) return
      used.add(name.value)
      const fragment = fragments.get(name.value)
      if (fragment) collectSpread(fragment, fragments, used)
    },
  })
}

/** The fragments that are spread within a node, or within one of them; each once. */
export function fragmentsWithin(node: ASTNode, fragments: Fragments): FragmentDefinitionNode[] {
  const used = new Set<string>()
  collectSpread(node, fragments, used)
  return [...used].flatMap((name) => fragments.get(name) ?? [])
}

/**
 * The document of one operation alone. Fragments that only its neighbours spread may use variables
 * that it does not have, which whoever plans it would refuse.
 */
export function operationDocument(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): DocumentNode {
  const isAlone = !document.definitions.some(
    (node) => node.kind === Kind.OPERATION_DEFINITION && node !== operation,
  )
  if (isAlone) return document
  const spread = fragmentsWithin(operation, fragments)
  return { kind: Kind.DOCUMENT, definitions: [operation, ...spread] }
}
