import {
  type ArgumentNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  visit,
} from 'graphql'

/** Slicing arguments that are paths (`input.first`), by the coordinate of their field. */
export type SlicingPaths = ReadonlyMap<string, readonly string[]>

const SLICING = 'slicingArguments'

const isPath = (value: ConstValueNode) => value.kind === Kind.STRING && value.value.includes('.')

function itemsOf({ name, value }: ArgumentNode): readonly ConstValueNode[] {
  const isSlicing = name.value === SLICING && value.kind === Kind.LIST
  // Within a definition nothing is a variable.
  return isSlicing ? (value.values as readonly ConstValueNode[]) : []
}

function pathsAt({ directives = [] }: FieldDefinitionNode): string[] {
  const items = directives.flatMap(({ arguments: given = [] }) => given.flatMap(itemsOf))
  return items.flatMap((item) => (isPath(item) && item.kind === Kind.STRING ? [item.value] : []))
}

/** Finds them whatever `@listSize` is called: no other directive has an argument of this name. */
export function readSlicingPaths({ definitions }: DocumentNode): SlicingPaths {
  const found = new Map<string, readonly string[]>()
  for (const type of definitions) {
    if (!('fields' in type) || !('name' in type)) continue
    for (const field of type.fields ?? []) {
      const paths = field.kind === Kind.FIELD_DEFINITION ? pathsAt(field) : []
      if (paths.length > 0) found.set(`${type.name?.value}.${field.name.value}`, paths)
    }
  }
  return found
}

/** The planner refuses such paths, and has no use for them: it never hears of them. */
export function withoutSlicingPaths(document: DocumentNode): DocumentNode {
  return visit(document, {
    FieldDefinition(field) {
      return pathsAt(field).length > 0 ? undefined : false
    },
    Argument(argument) {
      const items = itemsOf(argument)
      if (!items.some(isPath)) return undefined
      const values = items.filter((item) => !isPath(item))
      return { ...argument, value: { kind: Kind.LIST, values } }
    },
  })
}
