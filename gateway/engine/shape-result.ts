import {
  type ExecutionResult,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { gatewayError } from '../errors.ts'
import { own, put } from './own-properties.ts'
import {
  type Collecting,
  collectFields,
  compositeTypeNamed,
  type SelectedField,
  type Selections,
} from './selected-fields.ts'

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

type Path = (string | number)[]
type Place = { path: Path; parent: GraphQLCompositeType; field: SelectedField }
/** A value that a place expects, unwrapped step by step. */
type Expected<Type> = { place: Place; type: Type }
type Shaping = Collecting & {
  /** Fields of one group of selections by type: a list of a thousand is collected once. */
  collected: Map<Selections, Map<string, SelectedField[]>>
  invalid: GraphQLError[]
}

/** A null where none may stand: it takes its parent with it. */
const BUBBLE = Symbol('bubble')
type Shaped = unknown | typeof BUBBLE

function reject(shaping: Shaping, { path, parent, field }: Place): null {
  const { message, extensions } = gatewayError('SUBGRAPH_VALUE_INVALID', {
    field: `${parent.name}.${field.name}`,
  })
  shaping.invalid.push(new GraphQLError(message, { path: [...path], extensions }))
  return null
}

const IS_VALID_LEAF: Readonly<Record<string, (value: unknown) => boolean>> = {
  Int: (value) => Number.isInteger(value),
  Float: (value) => typeof value === 'number',
  Boolean: (value) => typeof value === 'boolean',
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string' || typeof value === 'number',
}

function isValidLeaf(type: GraphQLLeafType, value: unknown): boolean {
  if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) !== undefined
  return IS_VALID_LEAF[type.name]?.(value) ?? true
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

function shapeList(
  shaping: Shaping,
  items: readonly unknown[],
  { place, type }: Expected<GraphQLOutputType>,
) {
  const expected = { place, type }
  const shaped: unknown[] = new Array(items.length)
  let isBroken = false
  for (let index = 0; index < items.length; index++) {
    place.path.push(index)
    const item = shapeValue(shaping, items[index], expected)
    place.path.pop()
    if (item === BUBBLE) isBroken = true
    shaped[index] = item
  }
  return isBroken ? null : shaped
}

function shapeComposite(
  shaping: Shaping,
  value: unknown,
  { place, type }: Expected<GraphQLCompositeType>,
) {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return reject(shaping, place)
  const data = value as Record<string, unknown>
  const named = isObjectType(type) ? type : runtimeType(shaping.schema, data, type)
  if (!named) return reject(shaping, place)
  return shapeObject(shaping, data, {
    selections: place.field.inside,
    type: named,
    path: place.path,
  })
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

function shapeValue(
  shaping: Shaping,
  value: unknown,
  { place, type }: Expected<GraphQLOutputType>,
): Shaped {
  if (isNonNullType(type)) {
    const before = shaping.invalid.length
    const shaped = shapeValue(shaping, value, { place, type: type.ofType })
    if (shaped !== null) return shaped
    if (shaping.invalid.length === before) reject(shaping, place)
    return BUBBLE
  }
  if (value === null || value === undefined) return null
  if (isListType(type))
    return Array.isArray(value)
      ? shapeList(shaping, value, { place, type: type.ofType })
      : reject(shaping, place)
  if (isLeafType(type)) return isValidLeaf(type, value) ? value : reject(shaping, place)
  return shapeComposite(shaping, value, { place, type })
}

type Target = { selections: Selections; type: GraphQLCompositeType; path: Path }

function shapeField(
  shaping: Shaping,
  data: Readonly<Record<string, unknown>>,
  place: Place,
): Shaped {
  const { field, parent } = place
  if (field.name === '__typename') {
    if (isObjectType(parent)) return parent.name
    reject(shaping, place)
    return BUBBLE
  }
  if (field.isRemoved) return field.type && isNonNullType(field.type) ? BUBBLE : null
  const value = own(data, field.key)
  // Introspection answers in the client's shape already.
  if (!field.type) return value ?? null
  return shapeValue(shaping, value, { place, type: field.type })
}

function shapeObject(
  shaping: Shaping,
  data: Readonly<Record<string, unknown>>,
  { selections, type, path }: Target,
): Record<string, unknown> | null {
  const shaped: Record<string, unknown> = {}
  for (const field of fieldsOf(shaping, selections, type)) {
    path.push(field.key)
    const value = shapeField(shaping, data, { path, parent: type, field })
    path.pop()
    if (value === BUBBLE) return null
    put(shaped, field.key, value)
  }
  return shaped
}

function unauthorizedErrors({ removedPaths }: FilteredOperation): GraphQLError[] {
  const seen = new Set<string>()
  return removedPaths.flatMap(({ path }) => {
    const key = path.join('\0')
    if (seen.has(key)) return []
    seen.add(key)
    const { message, extensions } = gatewayError('UNAUTHORIZED_FIELD_OR_TYPE')
    return [new GraphQLError(message, { ...(path.length > 0 ? { path } : {}), extensions })]
  })
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
  const refused = unauthorizedErrors(operation)
  if (operation.isFullyDenied) return { data: null, errors: refused }
  const heard = input.errors.filter(
    ({ path }) => !path || !refused.some((error) => error.path && startsWith(path, error.path)),
  )
  const shaping: Shaping = { schema, operation, variables, collected: new Map(), invalid: [] }
  const root = schema.getRootType(operation.operation.operation)
  const selections: Selections = [{ set: operation.operation.selectionSet, isRemoved: false }]
  const data =
    input.data && root
      ? shapeObject(shaping, input.data, { selections, type: root, path: [] })
      : null
  const others = [...heard.map(toGraphQLError), ...refused]
  const errors = [...others, ...unexplained(shaping.invalid, others)]
  return errors.length > 0 ? { errors, data } : { data }
}
