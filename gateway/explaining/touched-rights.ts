import {
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { listSegments, type Mark, selectsDirectly } from '../access/removal-marks.ts'
import type { AccessRules, RuleSet } from '../access/scope-rules.ts'

/**
 * A field or type with rules that an operation touches, and where: response keys, as refusals name
 * places; the root is the empty text.
 */
export type TouchedRight = { coordinate: string; ruleSet: RuleSet; paths: ReadonlySet<string> }

/** What of an operation is looked at. */
export type TouchedBy = {
  schema: GraphQLSchema
  rules: AccessRules
  operation: OperationDefinitionNode
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** What was refused, where what it would have touched is not to be told. */
  hidden: ReadonlyMap<ASTNode, Mark> | null
}

/** All that was touched, within bounds. */
export type Touched = { rights: readonly TouchedRight[]; isWhole: boolean }

/** Rows that one explanation tells. */
export const MOST_RIGHTS = 200
const MOST_PATHS = 10
/** Of all paths together: a client chooses how long the keys are that stand in each of them. */
const MOST_CHARACTERS = 100_000
const NO_MARKS: ReadonlyMap<ASTNode, Mark> = new Map()

type Place = { parent: GraphQLCompositeType; path: readonly string[] }
type Walk = TouchedBy & { book: Book }
type Book = ReturnType<typeof createBook>

/** Paths as text, up to a bound on all of their characters together. */
export function createPathBudget() {
  let left = MOST_CHARACTERS
  return {
    /** Null where it would be too much; joined only where it is not. */
    textOf: (path: readonly string[]): string | null => {
      const length = path.reduce((sum, key) => sum + key.length + 1, 0)
      return length > left ? null : path.join('.')
    },
    spend: (text: string) => {
      left -= text.length + 1
    },
  }
}

function createBook() {
  const rights = new Map<string, { ruleSet: RuleSet; paths: Set<string> }>()
  const budget = createPathBudget()
  let isWhole = true
  const note = (coordinate: string, ruleSet: RuleSet | undefined, path: readonly string[]) => {
    if (!ruleSet) return
    const known = rights.get(coordinate)
    const text = budget.textOf(path)
    if (text !== null && known?.paths.has(text)) return
    const isFull = known ? known.paths.size >= MOST_PATHS : rights.size >= MOST_RIGHTS
    if (isFull || text === null) {
      isWhole = false
      return
    }
    budget.spend(text)
    if (known) known.paths.add(text)
    else rights.set(coordinate, { ruleSet, paths: new Set([text]) })
  }
  return {
    note,
    touched: (): Touched => ({
      rights: [...rights].map(([coordinate, right]) => ({ coordinate, ...right })),
      isWhole,
    }),
  }
}

function noteType({ rules, book }: Walk, name: string, path: readonly string[]): void {
  book.note(name, rules.types.get(name), path)
}

/** Names of the types that stand for an interface; nobody is told of them where rights are hidden. */
function implementersOf({ schema, hidden }: Walk, type: GraphQLCompositeType) {
  if (hidden || !isInterfaceType(type)) return []
  const { objects, interfaces } = schema.getImplementations(type)
  return [...objects, ...interfaces]
}

/** An interface answers with any of its implementers. */
function noteReached(
  walk: Walk,
  { parent, path }: Place,
  selectionSet: SelectionSetNode | undefined,
): void {
  if (!selectionSet || !selectsDirectly({ marks: NO_MARKS }, selectionSet)) return
  for (const { name } of implementersOf(walk, parent)) noteType(walk, name, path)
}

function touchField(walk: Walk, field: FieldNode, { parent, path: above }: Place): void {
  const name = field.name.value
  const definition = 'getFields' in parent ? parent.getFields()[name] : undefined
  // Questions about the schema are not subject to access rules.
  if (name.startsWith('__') || !definition) return
  const path = [...above, field.alias?.value ?? name]
  const type = getNamedType(definition.type)
  for (const owner of [parent, ...implementersOf(walk, parent)]) {
    const own = 'getFields' in owner ? owner.getFields()[name] : undefined
    walk.book.note(`${owner.name}.${name}`, walk.rules.fields.get(owner.name)?.get(name), path)
    if (own) noteType(walk, getNamedType(own.type).name, path)
  }
  if (!field.selectionSet || !isCompositeType(type)) return
  noteReached(walk, { parent: type, path }, field.selectionSet)
  const within = [...path, ...listSegments(definition.type)]
  touchSelections(walk, field.selectionSet, { parent: type, path: within })
}

type Fragment = { condition: string | undefined; selectionSet: SelectionSetNode }

function fragmentOf(walk: Walk, selection: Exclude<SelectionNode, FieldNode>): Fragment | null {
  const node =
    selection.kind === Kind.INLINE_FRAGMENT ? selection : walk.fragments.get(selection.name.value)
  return node
    ? { condition: node.typeCondition?.name.value, selectionSet: node.selectionSet }
    : null
}

function touchFragment(walk: Walk, { condition, selectionSet }: Fragment, place: Place): void {
  const type = condition === undefined ? place.parent : walk.schema.getType(condition)
  if (!isCompositeType(type)) return
  if (type !== place.parent) {
    const path = [...place.path, `... on ${type.name}`]
    noteType(walk, type.name, path)
    noteReached(walk, { parent: type, path }, selectionSet)
  }
  touchSelections(walk, selectionSet, { ...place, parent: type })
}

/** How many fields there are with fragments spread is bounded before anything is executed. */
function touchSelections(walk: Walk, { selections }: SelectionSetNode, place: Place): void {
  for (const selection of selections) {
    if (walk.hidden?.get(selection) === 'removed') continue
    if (selection.kind === Kind.FIELD) {
      touchField(walk, selection, place)
      continue
    }
    const fragment = fragmentOf(walk, selection)
    if (fragment) touchFragment(walk, fragment, place)
  }
}

/** Finds the rules that an operation touches. */
export function touchedRights(asked: TouchedBy): Touched {
  const book = createBook()
  const walk: Walk = { ...asked, book }
  const root = asked.schema.getRootType(asked.operation.operation)
  if (root) {
    noteType(walk, root.name, [])
    touchSelections(walk, asked.operation.selectionSet, { parent: root, path: [] })
  }
  return book.touched()
}
