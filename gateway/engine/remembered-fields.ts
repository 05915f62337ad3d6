import { type DocumentNode, Kind, visit } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { SelectedField } from './selected-fields.ts'
import type { Selections } from './selections.ts'

/** The fields of an operation itself; those within are remembered with what is expected there. */
export type CollectedFields = {
  selections: Selections
  /** Null until somebody collects them. */
  fields: readonly SelectedField[] | null
}

type Memory = {
  /** Variables that decide which fields are selected. */
  conditions: readonly string[]
  byValues: Map<string, CollectedFields>
}

/** Of one operation; with four conditions there are sixteen ways. */
const MOST_WAYS = 16

const memories = new WeakMap<FilteredOperation, Memory>()

/** Names of the variables in `@skip` and `@include`. */
function conditionsIn(document: DocumentNode): string[] {
  const names = new Set<string>()
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== 'skip' && name.value !== 'include') return
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  return [...names]
}

const collect = ({ operation }: FilteredOperation): CollectedFields => ({
  selections: [{ set: operation.selectionSet, isRemoved: false }],
  fields: null,
})

/**
 * The fields of an operation as far as they were collected: the same for all requests whose
 * conditions have the same values, so that they are collected once and not for each request.
 */
export function fieldsOfOperation(
  operation: FilteredOperation,
  variables: Readonly<Record<string, unknown>>,
): CollectedFields {
  const memory = memories.get(operation) ?? {
    conditions: conditionsIn(operation.original),
    byValues: new Map(),
  }
  memories.set(operation, memory)
  const values = memory.conditions.map((name) => (variables[name] === true ? '1' : '0')).join('')
  const known = memory.byValues.get(values)
  if (known) return known
  const collected = collect(operation)
  if (memory.byValues.size < MOST_WAYS) memory.byValues.set(values, collected)
  return collected
}
