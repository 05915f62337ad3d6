import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  visit,
} from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { fragmentsWithin } from '../access/operation-document.ts'
import { plannedText } from '../access/planned-text.ts'

/** Each part is planned and executed for itself, so that there are few of them. */
const MOST_PARTS = 4

/** Fields beside each other that need the same variables. */
type Run = { fields: FieldNode[]; variables: ReadonlySet<string> }

type Fragments = FilteredOperation['fragments']

/** The variables in a node and in the fragments that it spreads. */
function variablesIn(node: ASTNode, fragments: Fragments): ReadonlySet<string> {
  const names = new Set<string>()
  for (const within of [node, ...fragmentsWithin(node, fragments)])
    visit(within, { Variable: ({ name }) => void names.add(name.value) })
  return names
}

const isEqual = (left: ReadonlySet<string>, right: ReadonlySet<string>) =>
  left.size === right.size && left.isSubsetOf(right)

const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value

/** Every root field, each with a key of its own; null where there is anything else. */
function plainFields(selections: readonly SelectionNode[]): FieldNode[] | null {
  const fields = selections.filter((selection) => selection.kind === Kind.FIELD)
  const isPlain = fields.length === selections.length && !fields.some(isOfSchema)
  return isPlain && new Set(fields.map(keyOf)).size === fields.length ? fields : null
}

/** Such as `__typename` and `__schema`, which no subgraph is asked for. */
const isOfSchema = ({ name }: FieldNode) => name.value.startsWith('__')

function runsOf(fields: readonly FieldNode[], fragments: Fragments): Run[] {
  const runs: Run[] = []
  for (const field of fields) {
    const variables = variablesIn(field, fragments)
    const last = runs.at(-1)
    if (last && isEqual(last.variables, variables)) last.fields.push(field)
    else runs.push({ fields: [field], variables })
  }
  return runs
}

function partOf(whole: FilteredOperation, { fields, variables }: Run): FilteredOperation {
  const { operation: definition, fragments } = whole
  const { variableDefinitions = [] } = definition
  const operation = {
    ...definition,
    variableDefinitions: variableDefinitions.filter(({ variable }) =>
      variables.has(variable.name.value),
    ),
    selectionSet: { ...definition.selectionSet, selections: fields },
  }
  const spread = fragmentsWithin(operation, fragments)
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...spread] }
  return { ...whole, operation, original: document, ...plannedText(document) }
}

function divide(whole: FilteredOperation): FilteredOperation[] {
  const { operation, fragments, isFullyDenied, removedPaths, marks } = whole
  const isWhole = isFullyDenied || removedPaths.length > 0 || marks.size > 0
  const hasOwnDirectives = Boolean(operation.directives?.length)
  if (isWhole || hasOwnDirectives || operation.operation !== OperationTypeNode.QUERY) return []
  const fields = plainFields(operation.selectionSet.selections)
  const runs = fields ? runsOf(fields, fragments) : []
  return runs.length > 1 && runs.length <= MOST_PARTS ? runs.map((run) => partOf(whole, run)) : []
}

const known = new WeakMap<FilteredOperation, readonly FilteredOperation[]>()

/**
 * A query as several, in its order: root fields that need the same variables stay together. What is
 * asked with a variable that differs from request to request keeps the rest of it from being shared
 * no longer. Empty for what has to stay whole: where something was taken out for lack of rights, its
 * root has fragments, or all of it needs the same.
 */
export function partsOf(operation: FilteredOperation): readonly FilteredOperation[] {
  const parts = known.get(operation) ?? divide(operation)
  known.set(operation, parts)
  return parts
}
