import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { plannedText } from '../access/planned-text.ts'

type Variables = Readonly<Record<string, unknown>>

const TYPENAME: FieldNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
}
const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include'])

const isCondition = ({ name }: DirectiveNode) => CONDITIONS.has(name.value)

/** What a condition says of its selection; undefined when that is not known yet. */
function isIncluded({ name, arguments: given = [] }: DirectiveNode, variables: Variables | null) {
  const [condition] = given
  const value = condition?.value
  const wanted = name.value === 'include'
  if (value?.kind === Kind.BOOLEAN) return value.value === wanted
  if (value?.kind !== Kind.VARIABLE || !variables) return undefined
  return (variables[value.name.value] === true) === wanted
}

/** Null for a selection that is left out; conditions that hold are taken off. */
function settledSelection<Node extends SelectionNode>(node: Node, variables: Variables | null) {
  const { directives = [] } = node
  if (!directives.some(isCondition)) return undefined
  const verdicts = directives.map((directive) =>
    isCondition(directive) ? isIncluded(directive, variables) : undefined,
  )
  if (verdicts.includes(false)) return null
  return { ...node, directives: directives.filter((_directive, at) => verdicts[at] !== true) }
}

function isConditional({ directives = [] }: SelectionNode): boolean {
  return directives.some(isCondition)
}

/**
 * A document as it is planned: without what is left out anyway, and with the type asked for where
 * nothing may be left to ask. The planner leaves out an object of which nothing is asked; the client
 * is owed it all the same, empty. With variables no condition is left.
 */
export function settledDocument(document: DocumentNode, variables: Variables | null): DocumentNode {
  const settle = (node: SelectionNode) => settledSelection(node, variables)
  return visit(document, {
    Field: settle,
    InlineFragment: settle,
    FragmentSpread: settle,
    SelectionSet: {
      leave: (node: SelectionSetNode, _key, parent) => {
        const isRoot = parent && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION
        const mayBeEmpty = isRoot
          ? node.selections.length === 0
          : node.selections.every(isConditional)
        return mayBeEmpty ? { ...node, selections: [...node.selections, TYPENAME] } : undefined
      },
    },
  })
}

/** Fields that need something of other subgraphs: what they require, or what stands above them. */
function dependentFields(supergraph: DocumentNode): Set<string> {
  const names = new Set<string>()
  visit(supergraph, {
    FieldDefinition: ({ name, directives = [] }) => {
      const given = directives.flatMap(({ arguments: all = [] }) => all)
      const isDependent = given.some(
        (argument) =>
          argument.name.value === 'requires' || argument.name.value === 'contextArguments',
      )
      if (isDependent) names.add(name.value)
    },
  })
  return names
}

/** Variables that decide what is asked, and whether something dependent is asked at all. */
function conditionsOf(document: DocumentNode, dependent: ReadonlySet<string>) {
  const names = new Set<string>()
  let isDependent = false
  visit(document, {
    Field: ({ name }) => {
      isDependent ||= dependent.has(name.value)
    },
    Directive: (node) => {
      const value = isCondition(node) ? node.arguments?.[0]?.value : undefined
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  return isDependent ? [...names] : []
}

/** The operation that is planned for a request. */
export type Settle = (operation: FilteredOperation, variables: Variables) => FilteredOperation

type Memory = { conditions: readonly string[]; byValues: Map<string, FilteredOperation> }

/** With more ways than these an operation is settled anew for each request. */
const MOST_WAYS = 16

function settledOperation(operation: FilteredOperation, variables: Variables): FilteredOperation {
  return { ...operation, ...plannedText(settledDocument(operation.document, variables)) }
}

/**
 * Settles the conditions of operations that ask for fields which depend on other subgraphs. The
 * planner has such a field and its unconditional neighbours fetched together, and all of them need
 * what it needs, also where its condition says that this is not fetched: the neighbours would be
 * null. Other operations are planned once for all values.
 */
export function createSettling(supergraph: DocumentNode): Settle {
  const dependent = dependentFields(supergraph)
  const memories = new WeakMap<FilteredOperation, Memory>()
  return (operation, variables) => {
    if (dependent.size === 0) return operation
    const memory = memories.get(operation) ?? {
      conditions: conditionsOf(operation.document, dependent),
      byValues: new Map(),
    }
    memories.set(operation, memory)
    if (memory.conditions.length === 0) return operation
    const values = memory.conditions.map((name) => String(variables[name] === true)).join()
    const settled = memory.byValues.get(values) ?? settledOperation(operation, variables)
    if (memory.byValues.size < MOST_WAYS) memory.byValues.set(values, settled)
    return settled
  }
}
