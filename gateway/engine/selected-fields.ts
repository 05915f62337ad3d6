import {
  type FieldNode,
  type GraphQLCompositeType,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
} from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { type Expected, expectedAt, type FieldPlace } from './expected-values.ts'
import type { Selection, Selections } from './selections.ts'

/** One response key of an object, in the client's order. */
export type SelectedField = {
  key: string
  /** What stands before its value in JSON, as the first field of an object and as a further one. */
  first: string
  further: string
  name: string
  /** The type that it is a field of. */
  parent: GraphQLCompositeType
  /** Null for `__typename` and introspection. */
  expected: Expected | null
  /** Every object has something of this name, whether it was answered or not. */
  isInherited: boolean
  /** Nothing of it may be answered: the key is null. */
  isRemoved: boolean
}

/** What collecting fields needs to know of one request. */
export type Collecting = {
  schema: GraphQLSchema
  operation: Pick<FilteredOperation, 'fragments' | 'marks'>
  variables: Readonly<Record<string, unknown>>
}

/** `inside`: nodes of which something below is answered, if only by null, in the client's order. */
type Entry = { inside: FieldNode[]; isKept: boolean; name: string }

/** What `@skip` and `@include` say of a selection. */
export function isIncluded(selection: SelectionNode, variables: Collecting['variables']): boolean {
  if (!selection.directives?.length) return true
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, { ...variables })
  if (skip?.if === true) return false
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, { ...variables })
  return include?.if !== false
}

/** True when objects of a type answer a fragment with this condition. */
export function fragmentApplies(
  schema: GraphQLSchema,
  condition: string | undefined,
  type: GraphQLCompositeType,
): boolean {
  if (condition === undefined || condition === type.name) return true
  const wanted = schema.getType(condition)
  if (!isAbstractType(wanted)) return false
  return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type)
}

type Target = { type: GraphQLCompositeType; entries: Map<string, Entry> }

function collectField(field: FieldNode, target: Target, fate: 'kept' | 'emptied' | 'removed') {
  const key = field.alias?.value ?? field.name.value
  const known = target.entries.get(key)
  const entry = known ?? { inside: [], isKept: false, name: field.name.value }
  if (!known) target.entries.set(key, entry)
  if (fate !== 'removed') entry.inside.push(field)
  if (fate === 'kept') entry.isKept = true
}

function fragmentOf(collecting: Collecting, selection: SelectionNode) {
  if (selection.kind === Kind.INLINE_FRAGMENT)
    return { condition: selection.typeCondition?.name.value, set: selection.selectionSet }
  const definition = collecting.operation.fragments.get(selection.name.value)
  return (
    definition && { condition: definition.typeCondition.name.value, set: definition.selectionSet }
  )
}

function collectInto(collecting: Collecting, { set, isRemoved }: Selection, target: Target): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection, collecting.variables)) continue
    const mark = collecting.operation.marks.get(selection)
    const isGone = isRemoved || mark === 'removed'
    if (selection.kind === Kind.FIELD) {
      collectField(selection, target, isGone ? 'removed' : (mark ?? 'kept'))
      continue
    }
    const fragment = fragmentOf(collecting, selection)
    if (!fragment || !fragmentApplies(collecting.schema, fragment.condition, target.type)) continue
    collectInto(collecting, { set: fragment.set, isRemoved: isGone }, target)
  }
}

function insideOf(nodes: readonly FieldNode[]): Selection[] {
  return nodes.flatMap(({ selectionSet }) =>
    selectionSet ? [{ set: selectionSet, isRemoved: false }] : [],
  )
}

function expectedOf({ parent, name, inside }: FieldPlace): Expected | null {
  const definition = 'getFields' in parent ? parent.getFields()[name] : undefined
  return definition ? expectedAt({ parent, name, inside }, definition.type) : null
}

/** The response keys that objects of one type answer with, in the client's order. */
export function collectFields(
  collecting: Collecting,
  selections: Selections,
  type: GraphQLCompositeType,
): SelectedField[] {
  const target: Target = { type, entries: new Map() }
  for (const selection of selections) collectInto(collecting, selection, target)
  return [...target.entries].map(([key, { inside, isKept, name }]) => ({
    key,
    first: `{${JSON.stringify(key)}:`,
    further: `,${JSON.stringify(key)}:`,
    name,
    parent: type,
    expected: expectedOf({ parent: type, name, inside: insideOf(inside) }),
    isInherited: key in Object.prototype,
    isRemoved: !isKept,
  }))
}

/** The composite type that a name stands for, if it stands for one. */
export function compositeTypeNamed(
  schema: GraphQLSchema,
  name: unknown,
): GraphQLCompositeType | null {
  const type = typeof name === 'string' ? schema.getType(name) : undefined
  return isCompositeType(type) ? type : null
}
