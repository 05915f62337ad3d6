import type { FetchNode } from '@apollo/query-planner'
import {
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import { keyOfGroup } from './entity-groups.ts'

/** The operation of a fetch, asked for one or several groups of entities at once. */
export type AliasedOperation = {
  fetch: FetchNode
  /** The response key of each group. */
  keys: readonly string[]
  /** What a variable is called for a group. */
  nameOf: (variable: string, group: number) => string
}

/** The operation of a fetch that takes arguments from objects further up. */
export type ContextOperation = {
  /** The variables that are read from there. */
  names: ReadonlySet<string>
  aliased: (groups: number) => AliasedOperation
}

const known = new WeakMap<FetchNode, ContextOperation>()

/** Documents by number of groups that are kept for one fetch. */
const MOST_KEPT = 64
const REPRESENTATIONS = 'representations'

/** Reads the operation of a fetch once. */
export function contextOperationOf(fetch: FetchNode): ContextOperation {
  const remembered = known.get(fetch)
  if (remembered) return remembered
  const read = readOperation(fetch)
  known.set(fetch, read)
  return read
}

function readOperation(fetch: FetchNode): ContextOperation {
  const names = new Set(fetch.contextRewrites?.map(({ renameKeyTo }) => renameKeyTo))
  const document = parse(fetch.operation, { noLocation: true })
  const byGroups = new Map<number, AliasedOperation>()
  return {
    names,
    aliased: (groups) => {
      const made = byGroups.get(groups) ?? alias({ fetch, document, names }, groups)
      if (byGroups.size < MOST_KEPT) byGroups.set(groups, made)
      return made
    },
  }
}

function operationIn({ definitions }: DocumentNode): OperationDefinitionNode {
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (!operation) throw new Error('a fetch without an operation')
  return operation
}

type Source = { fetch: FetchNode; document: DocumentNode; names: ReadonlySet<string> }

const asItIs = (fetch: FetchNode): AliasedOperation => ({
  fetch,
  keys: ['_entities'],
  nameOf: (variable) => variable,
})

function alias(source: Source, groups: number): AliasedOperation {
  const { fetch, document } = source
  if (groups === 1) return asItIs(fetch)
  const names = new Set([...source.names, REPRESENTATIONS])
  const mark = markFor(document, names)
  const nameOf = (variable: string, group: number) => `${variable}${mark}${group}`
  const renaming = { names, nameOf }
  const all = Array.from({ length: groups }, (_, group) => group)
  const keys = all.map(keyOfGroup)
  const definitions = [
    operationFor(operationIn(document), renaming, keys),
    ...document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION
        ? all.map((group) => ofGroup(node, renaming, group))
        : [],
    ),
  ]
  const operation = stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions }))
  return { fetch: { ...fetch, operation }, keys, nameOf }
}

/** A client may call a variable of its own as one of a group would be called. */
function markFor(document: DocumentNode, names: ReadonlySet<string>): string {
  const others = (operationIn(document).variableDefinitions ?? []).map(
    ({ variable }) => variable.name.value,
  )
  let mark = '_'
  while (others.some((other) => [...names].some((name) => other.startsWith(`${name}${mark}`))))
    mark += '_'
  return mark
}

type Renaming = { names: ReadonlySet<string>; nameOf: AliasedOperation['nameOf'] }

/** A part of the document with the variables and fragments of one group. */
function ofGroup<Node extends ASTNode>(node: Node, { names, nameOf }: Renaming, group: number) {
  const renamed = <Named extends { name: { value: string } }>(named: Named): Named => ({
    ...named,
    name: { ...named.name, value: nameOf(named.name.value, group) },
  })
  return visit(node, {
    Variable: (variable) => (names.has(variable.name.value) ? renamed(variable) : undefined),
    FragmentSpread: (spread) => renamed(spread),
    FragmentDefinition: { leave: (fragment) => renamed(fragment) },
  }) as Node & DefinitionNode
}

function operationFor(
  operation: OperationDefinitionNode,
  renaming: Renaming,
  keys: readonly string[],
): OperationDefinitionNode {
  const [entities] = operation.selectionSet.selections
  if (entities?.kind !== Kind.FIELD) throw new Error('entities are asked for by a field')
  const selections = keys.map((key, group): FieldNode => {
    const field: FieldNode = ofGroup(entities, renaming, group)
    return { ...field, alias: { kind: Kind.NAME, value: key } }
  })
  const variableDefinitions = (operation.variableDefinitions ?? []).flatMap(
    (definition): VariableDefinitionNode[] =>
      renaming.names.has(definition.variable.name.value)
        ? keys.map((_key, group) => ofGroup(definition, renaming, group))
        : [definition],
  )
  const selectionSet = { ...operation.selectionSet, selections }
  return { ...operation, variableDefinitions, selectionSet }
}
