import {
  type ExecutionResult,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
} from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { refusalErrors } from '../access/refusals.ts'
import { gatewayError } from '../errors.ts'
import type { Expected, FieldPlace } from './expected-values.ts'
import { isJsonObject, own, put } from './own-properties.ts'
import { type CollectedFields, fieldsOfOperation } from './remembered-fields.ts'
import {
  type Collecting,
  collectFields,
  compositeTypeNamed,
  type SelectedField,
} from './selected-fields.ts'
import type { Selections } from './selections.ts'

/** What an operation was answered with, and what the client asked. */
export type ShapeInput = {
  operation: FilteredOperation
  /** The API schema. */
  schema: GraphQLSchema
  /** Coerced, with defaults. */
  variables: Readonly<Record<string, unknown>>
  /** Of the filtered operation; may hold more than was asked. */
  data: Readonly<Record<string, unknown>> | null
  errors: readonly (GraphQLError | GraphQLFormattedError)[]
}

type ExpectedOf<Kind extends Expected['kind']> = Extract<Expected, { kind: Kind }>

type Shaping = Collecting & {
  collected: CollectedFields['byType']
  /** Where the walk stands; errors copy it. */
  path: (string | number)[]
  invalid: GraphQLError[]
}

/** A null where none may stand: it takes its parent with it. */
const BUBBLE = Symbol('bubble')
type Shaped = unknown | typeof BUBBLE

function reject(
  { path, invalid }: Shaping,
  { parent, name }: Pick<FieldPlace, 'parent' | 'name'>,
): null {
  const field = `${parent.name}.${name}`
  const { message, extensions } = gatewayError('SUBGRAPH_VALUE_INVALID', { field })
  invalid.push(new GraphQLError(message, { path: [...path], extensions }))
  return null
}

function fieldsOf(shaping: Shaping, selections: Selections, type: GraphQLCompositeType) {
  const byType = shaping.collected.get(selections) ?? new Map<string, SelectedField[]>()
  shaping.collected.set(selections, byType)
  const known = byType.get(type.name)
  if (known) return known
  const fields = collectFields(shaping, selections, type)
  byType.set(type.name, fields)
  return fields
}

function shapeList(shaping: Shaping, items: readonly unknown[], { of }: ExpectedOf<'list'>) {
  const shaped: unknown[] = new Array(items.length)
  let isBroken = false
  for (let index = 0; index < items.length; index++) {
    shaping.path.push(index)
    const item = shapeValue(shaping, items[index], of)
    shaping.path.pop()
    if (item === BUBBLE) isBroken = true
    shaped[index] = item
  }
  return isBroken ? null : shaped
}

function shapeComposite(shaping: Shaping, value: unknown, expected: ExpectedOf<'composite'>) {
  const { type, isObject, place } = expected
  if (!isJsonObject(value)) return reject(shaping, place)
  const named = isObject ? type : runtimeType(shaping.schema, value, type)
  if (!named) return reject(shaping, place)
  return shapeObject(shaping, value, fieldsOf(shaping, place.inside, named))
}

/** Without `__typename` an object is known as its interface alone (`@interfaceObject`). */
function runtimeType(
  schema: GraphQLSchema,
  data: Readonly<Record<string, unknown>>,
  declared: GraphQLCompositeType,
): GraphQLCompositeType | null {
  const name = own(data, '__typename')
  if (name === undefined || name === declared.name) return declared
  const type = compositeTypeNamed(schema, name)
  const isPossible =
    isObjectType(type) && isAbstractType(declared) && schema.isSubType(declared, type)
  return isPossible ? type : null
}

function shapeNonNull(shaping: Shaping, value: unknown, { of, place }: ExpectedOf<'nonNull'>) {
  const before = shaping.invalid.length
  const shaped = shapeValue(shaping, value, of)
  if (shaped !== null) return shaped
  if (shaping.invalid.length === before) reject(shaping, place)
  return BUBBLE
}

function shapeValue(shaping: Shaping, value: unknown, expected: Expected): Shaped {
  if (expected.kind === 'nonNull') return shapeNonNull(shaping, value, expected)
  if (value === null || value === undefined) return null
  switch (expected.kind) {
    case 'leaf':
      return expected.isValid(value) ? value : reject(shaping, expected.place)
    case 'list':
      return Array.isArray(value)
        ? shapeList(shaping, value, expected)
        : reject(shaping, expected.place)
    case 'composite':
      return shapeComposite(shaping, value, expected)
  }
}

function shapeField(
  shaping: Shaping,
  data: Readonly<Record<string, unknown>>,
  field: SelectedField,
): Shaped {
  const { name, key, parent, expected } = field
  if (name === '__typename') {
    if (isObjectType(parent)) return parent.name
    reject(shaping, { parent, name })
    return BUBBLE
  }
  if (field.isRemoved) return expected?.kind === 'nonNull' ? BUBBLE : null
  const value = field.isInherited ? own(data, key) : data[key]
  // Introspection answers in the client's shape already.
  return expected ? shapeValue(shaping, value, expected) : (value ?? null)
}

function shapeObject(
  shaping: Shaping,
  data: Readonly<Record<string, unknown>>,
  fields: readonly SelectedField[],
): Record<string, unknown> | null {
  const shaped: Record<string, unknown> = {}
  for (const field of fields) {
    shaping.path.push(field.key)
    const value = shapeField(shaping, data, field)
    shaping.path.pop()
    if (value === BUBBLE) return null
    put(shaped, field.key, value)
  }
  return shaped
}

function startsWith(path: readonly (string | number)[], prefix: readonly (string | number)[]) {
  const matches = (index: number) =>
    path[index] === prefix[index] || (prefix[index] === '@' && typeof path[index] === 'number')
  return path.length >= prefix.length && prefix.every((_segment, index) => matches(index))
}

/** A null in a place that must not be null has a cause below it; only one without needs telling. */
function unexplained(
  invalid: readonly GraphQLError[],
  others: readonly { path?: readonly (string | number)[] | undefined }[],
): GraphQLError[] {
  const normalised = (path: readonly (string | number)[] = []) =>
    path.map((segment) => (typeof segment === 'number' ? '@' : segment))
  return invalid.filter(
    ({ path }) => !others.some((other) => startsWith(normalised(other.path), normalised(path))),
  )
}

function toGraphQLError(error: GraphQLError | GraphQLFormattedError): GraphQLError {
  if (error instanceof GraphQLError) return error
  const { message, path, extensions } = error
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null })
}

/**
 * Answers in the shape that the client asked for: its order, its aliases, null with one error each
 * where something was refused, and nothing that it did not ask for. Errors of subgraphs at refused
 * places are dropped: they would speak of what the asker may not see.
 */
export function shapeResult(input: ShapeInput): ExecutionResult {
  const { operation, schema, variables } = input
  const refused = refusalErrors(operation)
  if (operation.isFullyDenied) return { data: null, errors: refused }
  const heard = input.errors.filter(
    ({ path }) => !path || !refused.some((error) => error.path && startsWith(path, error.path)),
  )
  const { root: selections, byType: collected } = fieldsOfOperation(operation, variables)
  const shaping: Shaping = { schema, operation, variables, collected, path: [], invalid: [] }
  const root = schema.getRootType(operation.operation.operation)
  const data =
    input.data && root
      ? shapeObject(shaping, input.data, fieldsOf(shaping, selections, root))
      : null
  const others = [...heard.map(toGraphQLError), ...refused]
  const errors = [...others, ...unexplained(shaping.invalid, others)]
  return errors.length > 0 ? { errors, data } : { data }
}
