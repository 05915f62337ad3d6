import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { fragmentsWithin } from '../access/operation-document.ts'
import { plannedText } from '../access/planned-text.ts'

/** An operation in two: what the API schema answers of itself, and what is planned and fetched. */
export type SplitOperation = {
  introspection: DocumentNode | null
  planned: FilteredOperation | null
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>
type Keep = (field: FieldNode) => boolean
type Root = { definition: OperationDefinitionNode; fragments: Fragments }

const isIntrospection: Keep = ({ name }) => name.value === '__schema' || name.value === '__type'
const isTypename: Keep = ({ name }) => name.value === '__typename'

/**
 * The planner knows the introspection of an older GraphQL, and `__schema` and `__type` need no
 * subgraph: they never reach it. What is answered without it is `introspection`; either may be null.
 */
export function splitIntrospection(operation: FilteredOperation): SplitOperation {
  const split = known.get(operation) ?? divide(operation)
  known.set(operation, split)
  return split
}

const known = new WeakMap<FilteredOperation, SplitOperation>()

function divide(operation: FilteredOperation): SplitOperation {
  const root = rootOf(operation)
  const fields = rootFields(root)
  if (!fields.some((field) => !isIntrospection(field) && !isTypename(field)))
    return { introspection: operation.document, planned: null }
  if (!fields.some(isIntrospection)) return { introspection: null, planned: operation }
  const document = documentOf(root, (field) => !isIntrospection(field))
  return {
    introspection: documentOf(root, isIntrospection),
    planned: { ...operation, ...plannedText(document) },
  }
}

function rootOf({ document, operation, operationName }: FilteredOperation): Root {
  const definitions = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const named = definitions.find((node) => (node.name?.value ?? null) === operationName)
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return {
    definition: named ?? operation,
    fragments: new Map(fragments.map((node) => [node.name.value, node])),
  }
}

/** Each fragment once: whoever asks what kinds of fields there are need not know how often. */
function rootFields({ definition, fragments }: Root): FieldNode[] {
  const seen = new Set<string>()
  const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection]
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet)
      const fragment = fragments.get(selection.name.value)
      if (!fragment || seen.has(selection.name.value)) return []
      seen.add(selection.name.value)
      return fieldsOf(fragment.selectionSet)
    })
  return fieldsOf(definition.selectionSet)
}

function documentOf({ definition, fragments }: Root, keep: Keep): DocumentNode {
  const selectionSet = partOf(definition.selectionSet, keep, fragments)
  const kept = fragmentsWithin(selectionSet, fragments)
  return { kind: Kind.DOCUMENT, definitions: [{ ...definition, selectionSet }, ...kept] }
}

/** Fragments of the root are written out; how many fields that makes was bounded before. */
function partOf(set: SelectionSetNode, keep: Keep, fragments: Fragments): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return keep(selection) ? [selection] : []
    const inline = writtenOut(selection, fragments)
    if (!inline) return []
    const selectionSet = partOf(inline.selectionSet, keep, fragments)
    return selectionSet.selections.length > 0 ? [{ ...inline, selectionSet }] : []
  })
  return { ...set, selections }
}

function writtenOut(
  selection: Exclude<SelectionNode, FieldNode>,
  fragments: Fragments,
): InlineFragmentNode | null {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection
  const fragment = fragments.get(selection.name.value)
  if (!fragment) return null
  const { typeCondition, selectionSet } = fragment
  const { directives = [] } = selection
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet }
}
