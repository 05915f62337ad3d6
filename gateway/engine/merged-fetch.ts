import type { FetchNode } from '@apollo/query-planner'
import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { createNumbering } from '#kernel/numbering.ts'
import { keyOfGroup } from './entity-groups.ts'

/** Fetches of one plan as one, each under an alias and with a variable of its own. */
export type MergedFetch = FetchNode

/** In which the representations of a part go. */
export const variableOf = (part: number): string => `representations_${part}`

const REPRESENTATIONS = 'representations'
const MOST_REMEMBERED = 1_000

const numberOf = createNumbering<FetchNode>()

/** By the numbers of the fetches, which are those of one plan: a few sets come again and again. */
const merged = new LRUCache<string, MergedFetch>({ max: MOST_REMEMBERED })

/** Whether a fetch is one that can be part of another: entities alone, by one question without fragments. */
export function isMergeable(fetch: FetchNode): boolean {
  const isPlain = !fetch.contextRewrites?.length && !fetch.operation.includes('fragment ')
  // A client's own variable of such a name would be taken for another's representations.
  if (fetch.variableUsages?.some((name) => name.startsWith(REPRESENTATIONS))) return false
  return fetch.requires !== undefined && fetch.operationKind === 'query' && isPlain
}

/** One fetch for several of the same subgraph, in their order. */
export function mergedFetchOf(fetches: readonly FetchNode[]): MergedFetch {
  const key = fetches.map(numberOf).join()
  const known = merged.get(key)
  if (known) return known
  const made = merge(fetches)
  merged.set(key, made)
  return made
}

function merge(fetches: readonly FetchNode[]): MergedFetch {
  const [first] = fetches
  if (!first) throw new Error('nothing to merge')
  const parts = fetches.map(partOf)
  const usages = new Set(fetches.flatMap(({ variableUsages }) => variableUsages ?? []))
  return {
    kind: 'Fetch',
    serviceName: first.serviceName,
    requires: fetches.flatMap(({ requires }) => requires ?? []),
    variableUsages: [...usages],
    operationKind: OperationTypeNode.QUERY,
    operationName: first.operationName,
    operation: print(operationOf(parts)),
  }
}

/** The variables of all, each once: what they share are the client's own. */
function operationOf(parts: readonly OperationDefinitionNode[]): OperationDefinitionNode {
  const variables = new Map<string, VariableDefinitionNode>()
  for (const definition of parts.flatMap((part) => part.variableDefinitions ?? []))
    variables.set(definition.variable.name.value, definition)
  const [first] = parts
  return {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    ...(first?.name ? { name: first.name } : {}),
    variableDefinitions: [...variables.values()],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: parts.flatMap(({ selectionSet }) => selectionSet.selections),
    },
  }
}

const named = (value: string) => ({ kind: Kind.NAME, value }) as const

/** The operation of one fetch with its entities and its representations renamed. */
function partOf(fetch: FetchNode, part: number): OperationDefinitionNode {
  const [operation] = parse(fetch.operation, { noLocation: true }).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a fetch is one operation')
  const renamed: OperationDefinitionNode = visit(operation, {
    Variable: (node) =>
      node.name.value === REPRESENTATIONS ? { ...node, name: named(variableOf(part)) } : undefined,
  })
  const selections = renamed.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? aliased(selection, part) : selection,
  )
  return { ...renamed, selectionSet: { ...renamed.selectionSet, selections } }
}

const aliased = (field: FieldNode, part: number): FieldNode =>
  field.name.value === '_entities' ? { ...field, alias: named(keyOfGroup(part)) } : field
