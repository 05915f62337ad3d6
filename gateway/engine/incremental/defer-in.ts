import { type DirectiveNode, type DocumentNode, type GraphQLSchema, Kind, visit } from 'graphql'
import type { FilteredOperation } from '../../access/filter-operation.ts'
import { plannedText } from '../../access/planned-text.ts'
import { gatewayError } from '../../errors.ts'
import { coerceVariables } from '../coerce-variables.ts'
import { type DeferredOperation, expandDeferred } from './deferred-operation.ts'

type Memory = {
  /** Variables that decide what is deferred. */
  conditions: readonly string[]
  byValues: Map<string, DeferredOperation | null>
  whole: FilteredOperation
}

/** Of one operation; with four conditions there are sixteen ways. */
const MOST_WAYS = 16

/** Null: it says `@defer` nowhere. */
const memories = new WeakMap<FilteredOperation, Memory | null>()

const isDefer = ({ name }: DirectiveNode) => name.value === 'defer'

function conditionsIn(document: DocumentNode): string[] | null {
  let isThere = false
  const names = new Set<string>()
  visit(document, {
    Directive(node) {
      if (!isDefer(node)) return
      isThere = true
      for (const { value } of node.arguments ?? [])
        if (value.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  return isThere ? [...names] : null
}

function inOnePiece(operation: FilteredOperation): FilteredOperation {
  const document = visit(operation.document, {
    Directive: (node) => (isDefer(node) ? null : undefined),
  })
  return { ...operation, ...plannedText(document) }
}

function memoryOf(operation: FilteredOperation): Memory | null {
  const known = memories.get(operation)
  if (known !== undefined) return known
  const conditions = conditionsIn(operation.original)
  const memory = conditions && {
    conditions,
    byValues: new Map<string, DeferredOperation | null>(),
    whole: inOnePiece(operation),
  }
  memories.set(operation, memory)
  return memory
}

/** The operation as it is planned for an answer in one piece: the same one where nothing is deferred. */
export function withoutDefer(operation: FilteredOperation): FilteredOperation {
  return memoryOf(operation)?.whole ?? operation
}

/**
 * The operation as it is planned for an answer in parts; null when nothing is deferred, by its
 * document or by its variables, which are coerced.
 * @throws MAX_HEIGHT_LIMIT
 */
export function deferredIn(
  operation: FilteredOperation,
  asked: { schema: GraphQLSchema; variables: Readonly<Record<string, unknown>> },
): DeferredOperation | null {
  const memory = memoryOf(operation)
  if (!memory) return null
  const values = JSON.stringify(memory.conditions.map((name) => asked.variables[name] ?? null))
  const known = memory.byValues.get(values)
  if (known !== undefined) return known
  const deferred = expandDeferred(operation, asked)
  if (memory.byValues.size < MOST_WAYS) memory.byValues.set(values, deferred)
  return deferred
}

/**
 * A subscription as it is planned: the planner knows no deferred parts of events.
 * @throws DEFER_MISPLACED where something is to be deferred all the same
 */
export function refusingDefer(
  operation: FilteredOperation,
  schema: GraphQLSchema,
  given: Readonly<Record<string, unknown>>,
): FilteredOperation {
  if (!memoryOf(operation)) return operation
  const { variables } = coerceVariables(schema, operation.operation, given)
  if (variables && deferredIn(operation, { schema, variables }))
    throw gatewayError('DEFER_MISPLACED')
  return withoutDefer(operation)
}
