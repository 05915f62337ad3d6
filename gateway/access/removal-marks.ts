import {
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import { isReservedKey, type ReservedKeys } from './reserved-keys.ts'
import type { StageJudge } from './stage-judge.ts'

/**
 * What became of a node of the original document. `removed`: refused; all of it answers null.
 * `emptied`: nothing of it was left to ask for; what stands inside is refused.
 */
export type Mark = 'removed' | 'emptied'

/** One refused place: response keys, `@` for the elements of a list, `... on T` for a fragment. */
export type RemovedPath = { path: readonly string[]; coordinate: string }

type Outcome = { isEmpty: boolean; removed: ReadonlyMap<string, RemovedPath> }
type Place = { parent: GraphQLCompositeType; removed: Map<string, RemovedPath> }

/** State of one walk: the marks outlive it, so that the next stage sees the filtered operation. */
export type Walk = {
  schema: GraphQLSchema
  reservedKeys: ReservedKeys
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  judge: StageJudge
  marks: Map<ASTNode, Mark>
  outcomes: Map<string, Outcome>
}

/** Aliases multiply paths exponentially through fragments; nobody reads more errors than this. */
const MAX_REMOVED_PATHS = 1000
const NOTHING_REMOVED: ReadonlyMap<string, RemovedPath> = new Map()

function record(place: Place, removed: RemovedPath): void {
  if (place.removed.size >= MAX_REMOVED_PATHS) return
  const key = removed.path.join('\0')
  if (!place.removed.has(key)) place.removed.set(key, removed)
}

function recordAll(place: Place, prefix: readonly string[], removed: Outcome['removed']): void {
  for (const entry of removed.values())
    record(place, { ...entry, path: [...prefix, ...entry.path] })
}

/** `@` for each list that a type is. */
export function listSegments(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return listSegments(type.ofType)
  return isListType(type) ? ['@', ...listSegments(type.ofType)] : []
}

/** True when real fields of the abstract type itself are asked for, not only typed fragments. */
export function selectsDirectly(
  walk: { marks: ReadonlyMap<ASTNode, Mark> },
  selectionSet: SelectionSetNode,
): boolean {
  return selectionSet.selections.some((selection) => {
    if (walk.marks.has(selection)) return false
    if (selection.kind === Kind.FIELD) return !selection.name.value.startsWith('__')
    return (
      selection.kind === Kind.INLINE_FRAGMENT &&
      !selection.typeCondition &&
      selectsDirectly(walk, selection.selectionSet)
    )
  })
}

/** An interface answers with any of its implementers, so each of them must be allowed. */
function mayReach(
  walk: Walk,
  type: GraphQLCompositeType,
  selectionSet: SelectionSetNode | undefined,
): boolean {
  if (!isInterfaceType(type) || !selectionSet || !selectsDirectly(walk, selectionSet)) return true
  return walk.judge.mayImplementers(type)
}

function judgeField(walk: Walk, field: FieldNode, place: Place): boolean {
  const key = field.alias?.value ?? field.name.value
  const { parent } = place
  const name = field.name.value
  const definition = 'getFields' in parent ? parent.getFields()[name] : undefined
  const type = definition && getNamedType(definition.type)
  const isAllowed =
    type !== undefined &&
    walk.judge.mayField(parent, name) &&
    (!isCompositeType(type) || mayReach(walk, type, field.selectionSet))
  if (!isAllowed || !definition) {
    walk.marks.set(field, 'removed')
    record(place, { path: [key], coordinate: `${parent.name}.${name}` })
    return false
  }
  if (!field.selectionSet || !isCompositeType(type)) return true
  const inside = walkSelections(walk, field.selectionSet, type)
  recordAll(place, [key, ...listSegments(definition.type)], inside.removed)
  if (inside.isEmpty) walk.marks.set(field, 'emptied')
  return !inside.isEmpty
}

function keepsField(walk: Walk, field: FieldNode, place: Place): boolean {
  const name = field.name.value
  const key = field.alias?.value ?? name
  if (key !== name && isReservedKey(walk, place.parent, key))
    throw gatewayError('RESPONSE_KEY_RESERVED', { key })
  // Introspection is not subject to access rules.
  return name.startsWith('__') || judgeField(walk, field, place)
}

type Fragment = {
  node: InlineFragmentNode | FragmentSpreadNode
  condition: string | undefined
  selectionSet: SelectionSetNode
  outcome: (type: GraphQLCompositeType) => Outcome
}

function keepsFragment(walk: Walk, fragment: Fragment, place: Place): boolean {
  const { condition } = fragment
  const type = condition === undefined ? place.parent : walk.schema.getType(condition)
  const isAllowed =
    isCompositeType(type) &&
    (condition === undefined ||
      (walk.judge.mayType(condition) && mayReach(walk, type, fragment.selectionSet)))
  if (!isAllowed) {
    walk.marks.set(fragment.node, 'removed')
    record(place, { path: [`... on ${condition}`], coordinate: String(condition) })
    return false
  }
  const inside = fragment.outcome(type)
  recordAll(place, [], inside.removed)
  if (inside.isEmpty) walk.marks.set(fragment.node, 'emptied')
  return !inside.isEmpty
}

/** A fragment is judged once: what it may do depends on its own type condition alone. */
function outcomeOf(walk: Walk, definition: FragmentDefinitionNode, type: GraphQLCompositeType) {
  const name = definition.name.value
  const known = walk.outcomes.get(name)
  if (known) return known
  walk.outcomes.set(name, { isEmpty: true, removed: NOTHING_REMOVED })
  const outcome = walkSelections(walk, definition.selectionSet, type)
  walk.outcomes.set(name, outcome)
  return outcome
}

function keepsSpread(walk: Walk, spread: FragmentSpreadNode, place: Place): boolean {
  const definition = walk.fragments.get(spread.name.value)
  if (!definition) return false
  const fragment: Fragment = {
    node: spread,
    condition: definition.typeCondition.name.value,
    selectionSet: definition.selectionSet,
    outcome: (type) => outcomeOf(walk, definition, type),
  }
  return keepsFragment(walk, fragment, place)
}

function keepsInline(walk: Walk, node: InlineFragmentNode, place: Place): boolean {
  const fragment: Fragment = {
    node,
    condition: node.typeCondition?.name.value,
    selectionSet: node.selectionSet,
    outcome: (type) => walkSelections(walk, node.selectionSet, type),
  }
  return keepsFragment(walk, fragment, place)
}

function keeps(walk: Walk, selection: SelectionNode, place: Place): boolean {
  if (walk.marks.has(selection)) return false
  if (selection.kind === Kind.FIELD) return keepsField(walk, selection, place)
  if (selection.kind === Kind.FRAGMENT_SPREAD) return keepsSpread(walk, selection, place)
  return keepsInline(walk, selection, place)
}

/** Marks what one stage refuses within a selection set and says what is left of it. */
export function walkSelections(
  walk: Walk,
  selectionSet: SelectionSetNode,
  parent: GraphQLCompositeType,
): Outcome {
  const place: Place = { parent, removed: new Map() }
  let isEmpty = true
  for (const selection of selectionSet.selections)
    if (keeps(walk, selection, place)) isEmpty = false
  return { isEmpty, removed: place.removed }
}
