import {
  type DocumentNode,
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
  /** All fields; introspection counts once: it is bounded by the schema, its aliases and its switch. */
  height: number
  rootFields: number
}

type Measured = OperationSize
type Fragments = {
  definitions: ReadonlyMap<string, FragmentDefinitionNode>
  measured: Map<string, Measured>
}

const NOTHING: Measured = { depth: 0, aliases: 0, height: 0, rootFields: 0 }
const INTROSPECTION: readonly string[] = ['__schema', '__type']

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
      const isIntrospection = INTROSPECTION.includes(selection.name.value)
      const measured = selection.selectionSet
        ? measureSelections(selection.selectionSet, fragments)
        : NOTHING
      // The schema bounds what it answers once, and aliases how often.
      const inner = isIntrospection ? { ...NOTHING, aliases: measured.aliases } : measured
      total = together(total, {
        depth: inner.depth + 1,
        aliases: inner.aliases + (selection.alias ? 1 : 0),
        height: inner.height + 1,
        rootFields: 1,
      })
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
  }
}

function larger(left: Measured, right: Measured): Measured {
  return {
    depth: Math.max(left.depth, right.depth),
    aliases: Math.max(left.aliases, right.aliases),
    height: Math.max(left.height, right.height),
    rootFields: Math.max(left.rootFields, right.rootFields),
  }
}
