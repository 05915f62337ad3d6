import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql'

/** How large the largest operation of a document is, with fragments spread. */
export type OperationSize = {
  /** Longest chain of nested fields. */
  depth: number
  /** Fields that are given another name. */
  aliases: number
  /** All fields; introspection counts once. */
  height: number
  rootFields: number
  /** Questions about the schema: root fields, and aliases of what has parts within them. */
  introspections: number
  /** Lists of types or fields within each other, in questions about the schema. */
  introspectionLists: number
  introspectionDepth: number
}

/** `lists` and `renamedParts` matter only within introspection, which fragments cannot know. */
type Measured = OperationSize & { lists: number; renamedParts: number }
type Fragments = {
  definitions: ReadonlyMap<string, FragmentDefinitionNode>
  measured: Map<string, Measured>
}

const NOTHING: Measured = {
  depth: 0,
  aliases: 0,
  height: 0,
  rootFields: 0,
  introspections: 0,
  introspectionLists: 0,
  introspectionDepth: 0,
  lists: 0,
  renamedParts: 0,
}
const INTROSPECTION: readonly string[] = ['__schema', '__type']
/** What multiplies: each item of these has such lists of its own. */
const LISTS: readonly string[] = ['types', 'fields', 'inputFields', 'interfaces', 'possibleTypes']

/**
 * Each fragment is measured once, so a document whose fragments double from one to the next is
 * counted in the time it takes to read it. A fragment inside itself counts nothing here: validation
 * refuses it.
 */
export function measureOperation(document: DocumentNode): OperationSize {
  const definitions = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      definitions.set(definition.name.value, definition)
    }
  }
  const fragments: Fragments = { definitions, measured: new Map() }
  return document.definitions
    .flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? [definition.selectionSet] : [],
    )
    .map((selectionSet) => measureSelections(selectionSet, fragments))
    .reduce(larger, NOTHING)
}

function measureSelections(selectionSet: SelectionSetNode, fragments: Fragments): Measured {
  let total = NOTHING
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      total = together(total, measureField(selection, fragments))
      continue
    }
    total = together(
      total,
      selection.kind === Kind.INLINE_FRAGMENT
        ? measureSelections(selection.selectionSet, fragments)
        : measureFragment(selection.name.value, fragments),
    )
  }
  return total
}

function measureField(field: FieldNode, fragments: Fragments): Measured {
  const { name, alias, selectionSet } = field
  const measured = selectionSet ? measureSelections(selectionSet, fragments) : NOTHING
  const inner = INTROSPECTION.includes(name.value) ? asIntrospection(measured) : measured
  const renamed = alias ? 1 : 0
  return {
    ...inner,
    depth: inner.depth + 1,
    aliases: inner.aliases + renamed,
    height: inner.height + 1,
    rootFields: 1,
    lists: inner.lists + (LISTS.includes(name.value) ? 1 : 0),
    renamedParts: inner.renamedParts + (selectionSet ? renamed : 0),
  }
}

/** One field to the bounds of operations: these questions have bounds of their own. */
function asIntrospection(measured: Measured): Measured {
  return {
    ...NOTHING,
    aliases: measured.aliases,
    introspections: 1 + measured.renamedParts,
    introspectionLists: measured.lists,
    introspectionDepth: measured.depth + 1,
  }
}

function measureFragment(name: string, fragments: Fragments): Measured {
  const known = fragments.measured.get(name)
  if (known) return known
  const definition = fragments.definitions.get(name)
  if (!definition) return NOTHING
  // Stands while the fragment is being measured: a cycle ends here.
  fragments.measured.set(name, NOTHING)
  const measured = measureSelections(definition.selectionSet, fragments)
  fragments.measured.set(name, measured)
  return measured
}

function together(left: Measured, right: Measured): Measured {
  return {
    depth: Math.max(left.depth, right.depth),
    aliases: left.aliases + right.aliases,
    height: left.height + right.height,
    rootFields: left.rootFields + right.rootFields,
    introspections: left.introspections + right.introspections,
    introspectionLists: Math.max(left.introspectionLists, right.introspectionLists),
    introspectionDepth: Math.max(left.introspectionDepth, right.introspectionDepth),
    lists: Math.max(left.lists, right.lists),
    renamedParts: left.renamedParts + right.renamedParts,
  }
}

function larger(left: Measured, right: Measured): Measured {
  return {
    depth: Math.max(left.depth, right.depth),
    aliases: Math.max(left.aliases, right.aliases),
    height: Math.max(left.height, right.height),
    rootFields: Math.max(left.rootFields, right.rootFields),
    introspections: Math.max(left.introspections, right.introspections),
    introspectionLists: Math.max(left.introspectionLists, right.introspectionLists),
    introspectionDepth: Math.max(left.introspectionDepth, right.introspectionDepth),
    lists: Math.max(left.lists, right.lists),
    renamedParts: Math.max(left.renamedParts, right.renamedParts),
  }
}
