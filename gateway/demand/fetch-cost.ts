import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import { type Amount, amountIf, largerOf, productOf, sumOf, type Variables } from './amount.ts'
import { argumentsCost, firstSize, listSizeOf, type Size } from './argument-costs.ts'
import type { CostTable, FieldCost } from './cost-table.ts'

/** A field of an answer: what it costs each time that it is there, and what is in it. */
export type AnswerField = {
  key: string
  /** Of one object; of a scalar only where it has a weight. */
  objectWeight: number
  scalarWeight: number
  /** Once for each object that the field stands in. */
  once: Amount
  fields: AnswerField[]
}

/** How answers to one fetch are counted. */
export type AnswerCost = { base: number; fields: readonly AnswerField[] }

/** What one fetch costs, and how its answers are counted. */
export type FetchCost = {
  estimate: Amount
  answer: AnswerCost
  /** Lengths of lists by the keys that lead to them. */
  sizes: ReadonlyMap<string, Amount>
}

export type FetchCosting = {
  table: CostTable
  /** Length of lists of which nothing is said. */
  listSize: number
  /** How many entities are asked for; null for a fetch of root fields. */
  entities: Amount | null
}

const MUTATION_COST = 10
const ENTITIES = '_entities'

type Run = FetchCosting & {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  sizes: Map<string, Amount>
}
/** Where a selection stands: its type, the keys that lead to it, and what is said of lists in it. */
type Place = { typeName: string; path: string; sized: { names: ReadonlySet<string>; size: Size } }
type Costed = { estimate: Amount; fields: AnswerField[] }

const NOTHING_SIZED: Place['sized'] = { names: new Set(), size: null }

/**
 * What an operation for one subgraph costs.
 * @throws COST_QUERY_PARSE_FAILURE for one that does not fit the subgraph
 */
export function fetchCost(text: string, costing: FetchCosting): FetchCost {
  const document = parsed(text)
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  const root = operation && costing.table.rootOf(operation.operation)
  if (!root) throw gatewayError('COST_QUERY_PARSE_FAILURE', { reason: 'no operation' })
  const run: Run = { ...costing, fragments: fragmentsOf(document), sizes: new Map() }
  const place = { typeName: root, path: '', sized: NOTHING_SIZED }
  const { estimate, fields } = costOfSelections(run, operation.selectionSet, place)
  const base = operation.operation === 'mutation' ? MUTATION_COST : 0
  return { estimate: sumOf([base, estimate]), answer: { base, fields }, sizes: run.sizes }
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { noLocation: true })
  } catch (cause) {
    throw gatewayError('COST_QUERY_PARSE_FAILURE', { reason: 'no document' }, { cause })
  }
}

function fragmentsOf(document: DocumentNode): Run['fragments'] {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((node) => [node.name.value, node]))
}

function costOfSelections(run: Run, set: SelectionSetNode, place: Place): Costed {
  const costed = set.selections.map((selection) => costOfSelection(run, selection, place))
  return {
    estimate: sumOf(costed.map(({ estimate }) => estimate)),
    fields: costed.flatMap(({ fields }) => fields).reduce(withField, []),
  }
}

function costOfSelection(run: Run, node: SelectionNode, place: Place): Costed {
  const condition = conditionOf(node.directives ?? [])
  if (condition === false) return { estimate: 0, fields: [] }
  const costed =
    node.kind === Kind.FIELD ? costOfField(run, node, place) : costOfFragment(run, node, place)
  return { ...costed, estimate: amountIf(condition, costed.estimate) }
}

function costOfFragment(run: Run, node: Exclude<SelectionNode, FieldNode>, place: Place): Costed {
  const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : run.fragments.get(node.name.value)
  if (!fragment) throw gatewayError('COST_QUERY_PARSE_FAILURE', { reason: 'no such fragment' })
  const typeName = fragment.typeCondition?.name.value ?? place.typeName
  return costOfSelections(run, fragment.selectionSet, { ...place, typeName })
}

function costOfField(run: Run, node: FieldNode, place: Place): Costed {
  const name = node.name.value
  if (name === '__typename') return { estimate: 0, fields: [] }
  const cost = run.table.fieldOf(place.typeName, name)
  if (!cost) {
    const details = { field: `${place.typeName}.${name}` }
    throw gatewayError('COST_QUERY_PARSE_FAILURE', details)
  }
  const key = node.alias?.value ?? name
  const own = listSizeOf(node, cost)
  const count = countOf(run, { name, cost, own }, place)
  const path = place.path === '' ? key : `${place.path}.${key}`
  if (cost.isList) run.sizes.set(path, count)
  const sized = { names: cost.listSize?.sizedFields ?? NOTHING_SIZED.names, size: own }
  const inside = node.selectionSet
    ? costOfSelections(run, node.selectionSet, { typeName: cost.typeName, path, sized })
    : { estimate: 0, fields: [] }
  const objectWeight = cost.weight ?? (cost.isComposite ? 1 : 0)
  const once = argumentsCost(node, cost)
  const each = sumOf([objectWeight, inside.estimate])
  const scalarWeight = cost.weight ?? 0
  return {
    estimate: sumOf([productOf(count, each), once]),
    fields: [{ key, objectWeight, scalarWeight, once, fields: inside.fields }],
  }
}

type Counted = { name: string; cost: FieldCost; own: Size }

function countOf(run: Run, { name, cost, own }: Counted, { sized }: Place): Amount {
  if (!cost.isList) return 1
  if (name === ENTITIES && run.entities !== null) return run.entities
  return firstSize(sized.names.has(name) ? [sized.size, own] : [own], run.listSize)
}

/** Fields of one key are one field of the answer: the dearer one stands for both. */
function withField(fields: AnswerField[], field: AnswerField): AnswerField[] {
  const same = fields.find(({ key }) => key === field.key)
  if (!same) return costsAnything(field) ? [...fields, field] : fields
  same.objectWeight = Math.max(same.objectWeight, field.objectWeight)
  same.scalarWeight = Math.max(same.scalarWeight, field.scalarWeight)
  same.once = largerOf(same.once, field.once)
  same.fields = field.fields.reduce(withField, same.fields)
  return fields
}

const costsAnything = ({ objectWeight, scalarWeight, once, fields }: AnswerField): boolean =>
  objectWeight > 0 || scalarWeight > 0 || once !== 0 || fields.length > 0

/** Whether a selection is taken, by `@skip` and `@include`. */
function conditionOf(
  directives: readonly DirectiveNode[],
): boolean | ((variables: Variables) => boolean) {
  const conditions: ((variables: Variables) => boolean)[] = []
  for (const { name, arguments: given = [] } of directives) {
    if (name.value !== 'skip' && name.value !== 'include') continue
    const wanted = name.value === 'include'
    const value = given.find((argument) => argument.name.value === 'if')?.value
    if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return false
    if (value?.kind !== Kind.VARIABLE) continue
    const variable = value.name.value
    conditions.push((variables) => variables[variable] === wanted)
  }
  if (conditions.length === 0) return true
  return (variables) => conditions.every((holds) => holds(variables))
}
