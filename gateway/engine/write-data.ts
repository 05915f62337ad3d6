import {
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import type { Expected, FieldPlace } from './expected-values.ts'
import { jsonOf } from './json-text.ts'
import { isJsonObject, own } from './own-properties.ts'
import type { CollectedFields } from './remembered-fields.ts'
import {
  type Collecting,
  collectFields,
  compositeTypeNamed,
  type SelectedField,
} from './selected-fields.ts'
import type { Selections } from './selections.ts'

type ExpectedOf<Kind extends Expected['kind']> = Extract<Expected, { kind: Kind }>

/** One answer that is being written. */
export type Writing = Collecting & {
  collected: CollectedFields['byType']
  /** What stands in several places of the data is written once for each thing that is expected there. */
  shared: ReadonlySet<object>
  written: Map<object, Map<Expected, string>>
  /** Where the walk stands; errors copy it. */
  path: (string | number)[]
  invalid: GraphQLError[]
}

/** A null where none may stand: it takes its parent with it. */
const BUBBLE = Symbol('bubble')
type Written = string | typeof BUBBLE
const NULL = 'null'

function reject(
  { path, invalid }: Writing,
  { parent, name }: Pick<FieldPlace, 'parent' | 'name'>,
): string {
  const field = `${parent.name}.${name}`
  const { message, extensions } = gatewayError('SUBGRAPH_VALUE_INVALID', { field })
  invalid.push(new GraphQLError(message, { path: [...path], extensions }))
  return NULL
}

function fieldsOf(writing: Writing, selections: Selections, type: GraphQLCompositeType) {
  const byType = writing.collected.get(selections) ?? new Map<string, SelectedField[]>()
  writing.collected.set(selections, byType)
  const known = byType.get(type.name)
  if (known) return known
  const fields = collectFields(writing, selections, type)
  byType.set(type.name, fields)
  return fields
}

function writeList(writing: Writing, items: readonly unknown[], { of }: ExpectedOf<'list'>) {
  const { path } = writing
  let text = '['
  let isBroken = false
  for (let index = 0; index < items.length; index++) {
    path.push(index)
    const item = writeValue(writing, items[index], of)
    path.pop()
    if (item === BUBBLE) isBroken = true
    else text += index === 0 ? item : `,${item}`
  }
  return isBroken ? NULL : `${text}]`
}

function writeComposite(writing: Writing, value: unknown, expected: ExpectedOf<'composite'>) {
  const { type, isObject, place } = expected
  if (!isJsonObject(value)) return reject(writing, place)
  const named = isObject ? type : runtimeType(writing.schema, value, type)
  if (!named) return reject(writing, place)
  return writeObject(writing, value, fieldsOf(writing, place.inside, named))
}

/** Without `__typename` an object is known as its interface alone (`@interfaceObject`). */
export function runtimeType(
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

function writeNonNull(writing: Writing, value: unknown, { of, place }: ExpectedOf<'nonNull'>) {
  const before = writing.invalid.length
  const written = writeValue(writing, value, of)
  if (written !== NULL) return written
  if (writing.invalid.length === before) reject(writing, place)
  return BUBBLE
}

function writeValue(writing: Writing, value: unknown, expected: Expected): Written {
  if (expected.kind === 'nonNull') return writeNonNull(writing, value, expected)
  if (value === null || value === undefined) return NULL
  if (expected.kind === 'leaf')
    return expected.isValid(value) ? jsonOf(value) : reject(writing, expected.place)
  const isShared = writing.shared.size > 0 && writing.shared.has(value)
  return isShared ? writeOnce(writing, value, expected) : writeInside(writing, value, expected)
}

function writeInside(
  writing: Writing,
  value: unknown,
  expected: ExpectedOf<'list' | 'composite'>,
): string {
  if (expected.kind === 'composite') return writeComposite(writing, value, expected)
  return Array.isArray(value)
    ? writeList(writing, value, expected)
    : reject(writing, expected.place)
}

/** What was written with a complaint is written anew in each place, so that each is complained of. */
function writeOnce(
  writing: Writing,
  value: object,
  expected: ExpectedOf<'list' | 'composite'>,
): string {
  const known = writing.written.get(value)?.get(expected)
  if (known !== undefined) return known
  const before = writing.invalid.length
  const text = writeInside(writing, value, expected)
  if (writing.invalid.length > before) return text
  const byExpected = writing.written.get(value) ?? new Map<Expected, string>()
  byExpected.set(expected, text)
  writing.written.set(value, byExpected)
  return text
}

function writeField(
  writing: Writing,
  data: Readonly<Record<string, unknown>>,
  field: SelectedField,
): Written {
  const { name, key, parent, expected } = field
  if (name === '__typename') {
    if (isObjectType(parent)) return `"${parent.name}"`
    reject(writing, { parent, name })
    return BUBBLE
  }
  if (field.isRemoved) return expected?.kind === 'nonNull' ? BUBBLE : NULL
  const value = field.isInherited ? own(data, key) : data[key]
  // Introspection answers in the client's shape already.
  return expected ? writeValue(writing, value, expected) : jsonOf(value)
}

function writeObject(
  writing: Writing,
  data: Readonly<Record<string, unknown>>,
  fields: readonly SelectedField[],
): string {
  const { path } = writing
  let text = ''
  for (const field of fields) {
    path.push(field.key)
    const value = writeField(writing, data, field)
    path.pop()
    if (value === BUBBLE) return NULL
    text += (text === '' ? field.first : field.further) + value
  }
  return text === '' ? '{}' : `${text}}`
}

/** The data of an answer as JSON, in the client's order; what may not stand in it is told in `invalid`. */
export function writeData(
  writing: Writing,
  data: Readonly<Record<string, unknown>>,
  { selections, type }: { selections: Selections; type: GraphQLCompositeType },
): string {
  return writeObject(writing, data, fieldsOf(writing, selections, type))
}

/** What a walk begins with. */
export function newWriting(
  given: Collecting & Pick<Writing, 'collected'>,
  shared: ReadonlySet<object> = new Set(),
): Writing {
  return { ...given, shared, written: new Map(), path: [], invalid: [] }
}
