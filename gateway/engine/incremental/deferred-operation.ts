import {
  type ASTNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  type InlineFragmentNode,
  isCompositeType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { FilteredOperation } from '../../access/filter-operation.ts'
import { buildFilteredDocument } from '../../access/filtered-document.ts'
import { plannedText } from '../../access/planned-text.ts'
import { listSegments, type Mark } from '../../access/removal-marks.ts'
import { gatewayError } from '../../errors.ts'
import { GraphQLDeferDirective } from './defer-directive.ts'

/** One fragment that is to be deferred, at one place of an operation. */
export type DeferUsage = {
  /** Ours, by which the plan names it. */
  label: string
  /** The client's. */
  shownLabel: string | null
  /** The deferred fragment that it stands in. */
  parent: DeferUsage | null
}

/** An operation with every fragment written out where it is used, so that each `@defer` is one place. */
export type DeferredOperation = {
  /** As it is planned and shaped; only those fragments say `@defer` that are to be deferred now. */
  operation: FilteredOperation
  usages: ReadonlyMap<ASTNode, DeferUsage>
  /** Refused paths, and the deferred fragments (null: none) that they stand in. */
  refusals: ReadonlyMap<string, ReadonlySet<DeferUsage | null>>
}

/** What an operation may grow to when its fragments are written out; fields are bounded before. */
const MOST_NODES = 20_000

type Expansion = {
  source: FilteredOperation
  schema: GraphQLSchema
  variables: Readonly<Record<string, unknown>>
  marks: Map<ASTNode, Mark>
  usages: Map<ASTNode, DeferUsage>
  refusals: Map<string, Set<DeferUsage | null>>
  nodes: number
}

type Place = {
  type: GraphQLCompositeType | null
  path: readonly string[]
  usage: DeferUsage | null
  /** Within what was refused nothing is fetched, so nothing is waited for. */
  isRefused: boolean
}

/**
 * The fragments that are worth waiting for, by label: what needs no fetch of its own comes with
 * what stands around it. What stood in such a fragment stands in the one around it.
 */
export function withFetches(
  { operation, usages, refusals }: DeferredOperation,
  labels: ReadonlySet<string>,
): DeferredOperation {
  const known = new Map<DeferUsage, DeferUsage>()
  const waited = (usage: DeferUsage | null): DeferUsage | null => {
    if (!usage) return null
    const parent = waited(usage.parent)
    if (!labels.has(usage.label)) return parent
    const kept = known.get(usage) ?? { ...usage, parent }
    known.set(usage, kept)
    return kept
  }
  const kept = [...usages].flatMap(([node, usage]) => {
    const own = labels.has(usage.label) && waited(usage)
    return own ? [[node, own] as const] : []
  })
  const told = [...refusals].map(
    ([key, within]) => [key, new Set([...within].map(waited))] as const,
  )
  return { operation, usages: new Map(kept), refusals: new Map(told) }
}

/** How a refused path is known: as the errors name it. */
export const refusalKey = (path: readonly string[]): string => path.join('\0')

function marked<Node extends SelectionNode>(
  expansion: Expansion,
  { original, copy, segment }: { original: SelectionNode; copy: Node; segment: string },
  { path, usage }: Place,
): Node {
  if (++expansion.nodes > MOST_NODES) throw gatewayError('MAX_HEIGHT_LIMIT')
  const mark = expansion.source.marks.get(original)
  if (!mark) return copy
  expansion.marks.set(copy, mark)
  if (mark !== 'removed') return copy
  const key = refusalKey([...path, segment])
  const known = expansion.refusals.get(key)
  if (known) known.add(usage)
  else expansion.refusals.set(key, new Set([usage]))
  return copy
}

function expandField(expansion: Expansion, field: FieldNode, place: Place): FieldNode {
  const key = field.alias?.value ?? field.name.value
  const { type: parent } = place
  const definition =
    parent && 'getFields' in parent ? parent.getFields()[field.name.value] : undefined
  const named = definition && getNamedType(definition.type)
  const inside: Place = {
    ...place,
    type: isCompositeType(named) ? named : null,
    path: [...place.path, key, ...(definition ? listSegments(definition.type) : [])],
    isRefused: place.isRefused || expansion.source.marks.has(field),
  }
  const selectionSet = field.selectionSet && expandSet(expansion, field.selectionSet, inside)
  const copy: FieldNode = selectionSet ? { ...field, selectionSet } : { ...field }
  return marked(expansion, { original: field, copy, segment: key }, place)
}

function usageOf(
  { source, variables, usages }: Expansion,
  node: Exclude<SelectionNode, FieldNode>,
  { usage: parent, isRefused }: Place,
): DeferUsage | null {
  if (isRefused || source.marks.has(node)) return null
  const given = getDirectiveValues(GraphQLDeferDirective, node, { ...variables })
  if (!given || given.if === false) return null
  const shownLabel = typeof given.label === 'string' ? given.label : null
  return { label: `d${usages.size}`, shownLabel, parent }
}

/** `@defer` as the planner reads it: unconditional, by our label, or not at all. */
function directivesOf(
  { directives = [] }: Exclude<SelectionNode, FieldNode>,
  usage: DeferUsage | null,
): DirectiveNode[] {
  const others = directives.filter(({ name }) => name.value !== 'defer')
  if (!usage) return others
  const label: DirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'defer' },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: 'label' },
        value: { kind: Kind.STRING, value: usage.label },
      },
    ],
  }
  return [...others, label]
}

function expandFragment(
  expansion: Expansion,
  node: Exclude<SelectionNode, FieldNode>,
  place: Place,
): InlineFragmentNode[] {
  const isSpread = node.kind === Kind.FRAGMENT_SPREAD
  const definition = isSpread ? expansion.source.fragments.get(node.name.value) : node
  if (!definition) return []
  const { typeCondition } = definition
  const named = typeCondition ? expansion.schema.getType(typeCondition.name.value) : place.type
  const usage = usageOf(expansion, node, place)
  const copy = {
    kind: Kind.INLINE_FRAGMENT,
    ...(typeCondition ? { typeCondition } : {}),
    directives: directivesOf(node, usage),
  } as const
  const fragment: { -readonly [Key in keyof InlineFragmentNode]: InlineFragmentNode[Key] } = {
    ...copy,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [] },
  }
  // Known before what stands in it, so that the labels of nested ones differ.
  if (usage) expansion.usages.set(fragment, usage)
  fragment.selectionSet = expandSet(expansion, definition.selectionSet, {
    ...place,
    type: isCompositeType(named) ? named : null,
    usage: usage ?? place.usage,
    isRefused: place.isRefused || expansion.source.marks.has(node),
  })
  const segment = `... on ${typeCondition?.name.value}`
  return [marked(expansion, { original: node, copy: fragment, segment }, place)]
}

function expandSet(expansion: Expansion, set: SelectionSetNode, place: Place): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] =>
    selection.kind === Kind.FIELD
      ? [expandField(expansion, selection, place)]
      : expandFragment(expansion, selection, place),
  )
  return { kind: Kind.SELECTION_SET, selections }
}

/**
 * Writes an operation out for one set of variables, coerced; null when nothing in it is deferred.
 * @throws MAX_HEIGHT_LIMIT
 */
export function expandDeferred(
  source: FilteredOperation,
  { schema, variables }: Pick<Expansion, 'schema' | 'variables'>,
): DeferredOperation | null {
  const root = schema.getRootType(source.operation.operation) ?? null
  const expansion: Expansion = {
    ...{ source, schema, variables, nodes: 0 },
    ...{ marks: new Map(), usages: new Map(), refusals: new Map() },
  }
  const place: Place = { type: root, path: [], usage: null, isRefused: false }
  const selectionSet = expandSet(expansion, source.operation.selectionSet, place)
  const { marks, usages, refusals } = expansion
  if (usages.size === 0) return null
  const operation = { ...source.operation, selectionSet }
  const original: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation] }
  const fragments = new Map()
  // Also without marks: variables that only decided on `@defer` are used no more.
  const document = buildFilteredDocument({ schema, operation, fragments, marks })
  const expanded = { original, operation, fragments, marks, ...plannedText(document) }
  return { operation: { ...source, ...expanded }, usages, refusals }
}
