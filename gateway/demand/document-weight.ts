import {
  type ConstValueNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from 'graphql'

/** What a document costs to look at, beside its size. */
export type DocumentWeight = {
  directives: number
  /** At the place that has most. */
  directivesAtOnce: number
  /** Of the operation that has most. */
  variables: number
  /** Lists and objects within each other in one value. */
  inputDepth: number
  fragments: number
  /**
   * Fields with parts whose name stands in the same selection already, fragments spread: validation
   * compares each of them with all others of its name, and so on within them.
   */
  repeats: number
}

type Names = ReadonlyMap<string, number>
type Fragments = {
  definitions: ReadonlyMap<string, FragmentDefinitionNode>
  names: Map<string, Names>
}

const NONE: Names = new Map()

/** Weighs a document in the time that it takes to read it. */
export function weighDocument(document: DocumentNode): DocumentWeight {
  const fragments = fragmentsOf(document)
  const weight: DocumentWeight = {
    ...{ directives: 0, directivesAtOnce: 0, variables: 0, inputDepth: 0, repeats: 0 },
    fragments: fragments.definitions.size,
  }
  visit(document, {
    enter(node) {
      if ('directives' in node) weighDirectives(weight, node.directives ?? [])
      if (node.kind === Kind.OPERATION_DEFINITION)
        weight.variables = Math.max(weight.variables, node.variableDefinitions?.length ?? 0)
    },
    Argument: ({ value }) => weighValue(weight, value),
    VariableDefinition: ({ directives = [], defaultValue }) => {
      weighDirectives(weight, directives)
      return weighValue(weight, defaultValue)
    },
    SelectionSet: {
      leave(set, _key, parent) {
        // Inline fragments belong to the selection around them.
        const isInline =
          parent &&
          !Array.isArray(parent) &&
          'kind' in parent &&
          parent.kind === Kind.INLINE_FRAGMENT
        if (!isInline) weight.repeats += repeatsIn(namesIn(set, fragments))
      },
    },
  })
  return weight
}

function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return {
    definitions: new Map(fragments.map((node) => [node.name.value, node])),
    names: new Map(),
  }
}

function weighDirectives(weight: DocumentWeight, directives: readonly DirectiveNode[]): void {
  weight.directives += directives.length
  weight.directivesAtOnce = Math.max(weight.directivesAtOnce, directives.length)
}

function weighValue(weight: DocumentWeight, value: ValueNode | ConstValueNode | undefined): false {
  if (value) weight.inputDepth = Math.max(weight.inputDepth, depthOf(value))
  return false
}

function depthOf(value: ValueNode): number {
  if (value.kind === Kind.LIST) return 1 + Math.max(0, ...value.values.map(depthOf))
  if (value.kind !== Kind.OBJECT) return 0
  return 1 + Math.max(0, ...value.fields.map((field) => depthOf(field.value)))
}

/** How often each field with parts stands in a selection, by the name of its answer. */
function namesIn(set: SelectionSetNode, fragments: Fragments): Names {
  const names = new Map<string, number>()
  const add = (name: string, times: number) => names.set(name, (names.get(name) ?? 0) + times)
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.selectionSet) add((selection.alias ?? selection.name).value, 1)
      continue
    }
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? namesIn(selection.selectionSet, fragments)
        : namesOf(selection.name.value, fragments)
    for (const [name, times] of inner) add(name, times)
  }
  return names
}

function namesOf(name: string, fragments: Fragments): Names {
  const known = fragments.names.get(name)
  if (known) return known
  const definition = fragments.definitions.get(name)
  if (!definition) return NONE
  // Stands while the fragment is looked at: a cycle ends here, and validation refuses it.
  fragments.names.set(name, NONE)
  const names = namesIn(definition.selectionSet, fragments)
  fragments.names.set(name, names)
  return names
}

function repeatsIn(names: Names): number {
  let repeats = 0
  for (const times of names.values()) repeats += times - 1
  return repeats
}
