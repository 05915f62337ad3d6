import { type FieldNode, type GraphQLCompositeType, Kind, type SelectionSetNode } from 'graphql'
import { expectedAt } from '../expected-values.ts'
import {
  type Collecting,
  fragmentApplies,
  isIncluded,
  type SelectedField,
} from '../selected-fields.ts'
import type { DeferredOperation, DeferUsage } from './deferred-operation.ts'
import type { DeliveryFormat } from './incremental-result.ts'

/** A selection set, and the deferred fragment that it stands in. */
export type TaggedSelection = {
  set: SelectionSetNode
  isRemoved: boolean
  usage: DeferUsage | null
}

/** A response key with what is selected of it, deferred or not. */
export type PartField = Omit<SelectedField, 'isInherited' | 'first' | 'further'> & {
  inside: readonly TaggedSelection[]
}

/** Fields that are delivered together, once one of these fragments is. */
export type FieldGroup = {
  key: string
  usages: readonly DeferUsage[]
  fields: readonly PartField[]
}

/** The fields of an object of one type, by when they are delivered. */
export type CollectedGroups = {
  /** With the part that the object stands in. */
  here: readonly PartField[]
  later: readonly FieldGroup[]
  /** Deferred fragments that begin at this object, outer before inner. */
  opened: readonly DeferUsage[]
}

/** What collecting needs to know of a request. */
export type CollectingParts = Collecting & {
  usages: DeferredOperation['usages']
  format: DeliveryFormat
}

/** Names the group that is not deferred. */
export const PRIMARY = ''

type Taken = {
  key: string
  node: FieldNode
  fate: 'kept' | 'emptied' | 'removed'
  usage: DeferUsage | null
}
type Target = { type: GraphQLCompositeType; taken: Taken[]; opened: Set<DeferUsage> }

function collectInto(
  collecting: CollectingParts,
  { set, isRemoved, usage }: TaggedSelection,
  target: Target,
): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection, collecting.variables)) continue
    const mark = collecting.operation.marks.get(selection)
    const isGone = isRemoved || mark === 'removed'
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value
      target.taken.push({
        key,
        node: selection,
        fate: isGone ? 'removed' : (mark ?? 'kept'),
        usage,
      })
      continue
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('a fragment is not written out')
    const condition = selection.typeCondition?.name.value
    if (!fragmentApplies(collecting.schema, condition, target.type)) continue
    const opened = collecting.usages.get(selection)
    if (opened) target.opened.add(opened)
    const inside = { set: selection.selectionSet, isRemoved: isGone, usage: opened ?? usage }
    collectInto(collecting, inside, target)
  }
}

const byKey = (taken: readonly Taken[]): Map<string, Taken[]> =>
  Map.groupBy(taken, ({ key }) => key)
const groupKeyOf = (usages: readonly DeferUsage[]) =>
  usages
    .map(({ label }) => label)
    .sort()
    .join()

function isWithin({ parent }: DeferUsage, others: ReadonlySet<DeferUsage | null>): boolean {
  return parent !== null && (others.has(parent) || isWithin(parent, others))
}

/** A field that several fragments ask for comes with the first of them, and but once. */
function usagesOf(taken: readonly Taken[]): DeferUsage[] {
  const usages = new Set(taken.map(({ usage }) => usage))
  if (usages.has(null)) return []
  return [...usages].filter((usage) => usage !== null).filter((usage) => !isWithin(usage, usages))
}

/**
 * Nothing is fetched for what was refused. A field that is refused in one fragment and not in
 * another comes as a whole where it is fetched: else one part would say null of what another holds.
 */
function withRefused(taken: readonly Taken[]): Taken[] {
  const fetched = new Map<string, DeferUsage | null>()
  for (const { key, fate, usage } of taken)
    if (fate === 'kept' && !fetched.has(key)) fetched.set(key, usage)
  return taken.map((field) => {
    const usage = field.fate === 'kept' ? undefined : fetched.get(field.key)
    return usage === undefined ? field : { ...field, usage }
  })
}

type Grouped = Map<string, { usages: DeferUsage[]; fields: Map<string, readonly Taken[]> }>

function put(grouped: Grouped, usages: DeferUsage[], [key, taken]: [string, readonly Taken[]]) {
  const groupKey = groupKeyOf(usages)
  const group = grouped.get(groupKey) ?? { usages, fields: new Map() }
  grouped.set(groupKey, group)
  group.fields.set(key, taken)
}

/** Each field once, in the group of all the fragments that ask for it. */
function groupedOnce(taken: readonly Taken[]): Grouped {
  const grouped: Grouped = new Map()
  for (const [key, ofKey] of byKey(taken)) put(grouped, usagesOf(ofKey), [key, ofKey])
  return grouped
}

/** Each fragment whole, whatever others ask for. */
function groupedByFragment(taken: readonly Taken[]): Grouped {
  const grouped: Grouped = new Map()
  for (const [usage, ofUsage] of Map.groupBy(taken, ({ usage }) => usage))
    for (const entry of byKey(ofUsage)) put(grouped, usage ? [usage] : [], entry)
  return grouped
}

function fieldOf(type: GraphQLCompositeType, key: string, taken: readonly Taken[]): PartField {
  const name = taken[0]?.node.name.value ?? key
  const definition = 'getFields' in type ? type.getFields()[name] : undefined
  const place = { parent: type, name, inside: [] }
  return {
    ...{ key, name, parent: type },
    expected: definition ? expectedAt(place, definition.type) : null,
    isRemoved: taken.every(({ fate }) => fate !== 'kept'),
    inside: taken.flatMap(({ node: { selectionSet: set }, fate, usage }) =>
      set && fate !== 'removed' ? [{ set, isRemoved: false, usage }] : [],
    ),
  }
}

/** The fields that objects of a type answer with, within the group that `current` names. */
export function collectGroups(
  collecting: CollectingParts,
  selections: readonly TaggedSelection[],
  { type, current }: { type: GraphQLCompositeType; current: string },
): CollectedGroups {
  const target: Target = { type, taken: [], opened: new Set() }
  for (const selection of selections) collectInto(collecting, selection, target)
  const taken = withRefused(target.taken)
  const grouped = collecting.format === 'v0.2' ? groupedOnce(taken) : groupedByFragment(taken)
  const groups = [...grouped].map(([key, { usages, fields }]) => ({
    ...{ key, usages },
    fields: [...fields].map(([name, taken]) => fieldOf(type, name, taken)),
  }))
  return {
    here: groups.find(({ key }) => key === current)?.fields ?? [],
    later: groups.filter(({ key, usages }) => key !== current && usages.length > 0),
    opened: [...target.opened],
  }
}
