import {
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import type { Expected, FieldPlace } from './expected-values.ts'
import type { JsonBytes } from './json-bytes.ts'
import { isJsonObject, own } from './own-properties.ts'
import {
  type Collecting,
  collectFields,
  compositeTypeNamed,
  type SelectedField,
} from './selected-fields.ts'
import { MAX_ERRORS } from './subgraph-errors.ts'

type ExpectedOf<Kind extends Expected['kind']> = Extract<Expected, { kind: Kind }>

/** What became of something, and where it stands in the JSON, by what was expected there. */
type Range = { outcome: Outcome; start: number; end: number }
type Ranges = Map<Expected, Range>

/** One answer that is being written. */
export type Writing = Collecting & {
  json: JsonBytes
  /** What stands in several places of the data is written once for each thing that is expected there. */
  shared: ReadonlySet<object>
  written: Map<object, Ranges>
  /** The same in the order in which it was written to its end. */
  ranges: { of: Ranges; expected: Expected; end: number }[]
  /** Where the walk stands; errors copy it. */
  path: (string | number)[]
  invalid: GraphQLError[]
}

/** `bubble`: a null where none may stand, which takes its parent with it. */
export type Outcome = 'written' | 'null' | 'bubble'

function writeNull({ json }: Writing): Outcome {
  json.null()
  return 'null'
}

/** Null in place of all that was written since. */
function writeNullAt(writing: Writing, start: number): Outcome {
  const { json, ranges } = writing
  json.truncate(start)
  // What was taken back cannot be written again.
  for (let last = ranges.at(-1); last && last.end > start; last = ranges.at(-1)) {
    last.of.delete(last.expected)
    ranges.pop()
  }
  return writeNull(writing)
}

function complain(
  { path, invalid }: Writing,
  { parent, name }: Pick<FieldPlace, 'parent' | 'name'>,
) {
  // Whoever reads a thousand of them needs no more, and each costs a walk to where it stands.
  if (invalid.length >= MAX_ERRORS) return
  const field = `${parent.name}.${name}`
  const { message, extensions } = gatewayError('SUBGRAPH_VALUE_INVALID', { field })
  invalid.push(new GraphQLError(message, { path: [...path], extensions }))
}

function reject(writing: Writing, place: Pick<FieldPlace, 'parent' | 'name'>): Outcome {
  complain(writing, place)
  return writeNull(writing)
}

function fieldsOf(
  writing: Writing,
  { place, fields }: ExpectedOf<'composite'>,
  type: GraphQLCompositeType,
): readonly SelectedField[] {
  const known = fields.get(type.name)
  if (known) return known
  const collected = collectFields(writing, place.inside, type)
  fields.set(type.name, collected)
  return collected
}

function writeList(
  writing: Writing,
  items: readonly unknown[],
  { of }: ExpectedOf<'list'>,
): Outcome {
  const { path, json } = writing
  const start = json.length
  let isBroken = false
  json.ascii('[')
  for (let index = 0; index < items.length; index++) {
    if (index > 0) json.ascii(',')
    path.push(index)
    if (writeValue(writing, items[index], of) === 'bubble') isBroken = true
    path.pop()
  }
  if (isBroken) return writeNullAt(writing, start)
  json.ascii(']')
  return 'written'
}

function writeComposite(
  writing: Writing,
  value: unknown,
  expected: ExpectedOf<'composite'>,
): Outcome {
  const { type, isObject, place } = expected
  if (!isJsonObject(value)) return reject(writing, place)
  const named = isObject ? type : runtimeType(writing.schema, value, type)
  if (!named) return reject(writing, place)
  return writeObject(writing, value, fieldsOf(writing, expected, named))
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

/** What is written there then is taken back by whoever holds it. */
function writeNonNull(
  writing: Writing,
  value: unknown,
  { of, place }: ExpectedOf<'nonNull'>,
): Outcome {
  const before = writing.invalid.length
  const outcome = writeValue(writing, value, of)
  if (outcome !== 'null') return outcome
  if (writing.invalid.length === before) complain(writing, place)
  return 'bubble'
}

function writeValue(writing: Writing, value: unknown, expected: Expected): Outcome {
  if (expected.kind === 'nonNull') return writeNonNull(writing, value, expected)
  if (value === null || value === undefined) return writeNull(writing)
  if (expected.kind === 'leaf') return writeLeaf(writing, value, expected)
  const isShared = writing.shared.size > 0 && writing.shared.has(value)
  return isShared ? writeOnce(writing, value, expected) : writeInside(writing, value, expected)
}

function writeLeaf(
  writing: Writing,
  value: unknown,
  { isValid, place }: ExpectedOf<'leaf'>,
): Outcome {
  if (!isValid(value)) return reject(writing, place)
  return writing.json.value(value) ? 'written' : 'null'
}

function writeInside(
  writing: Writing,
  value: unknown,
  expected: ExpectedOf<'list' | 'composite'>,
): Outcome {
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
): Outcome {
  const { json, written, ranges } = writing
  const known = written.get(value)?.get(expected)
  if (known) {
    json.repeat(known.start, known.end)
    return known.outcome
  }
  const before = writing.invalid.length
  const start = json.length
  const outcome = writeInside(writing, value, expected)
  if (writing.invalid.length > before) return outcome
  const end = json.length
  const of: Ranges = written.get(value) ?? new Map()
  of.set(expected, { outcome, start, end })
  written.set(value, of)
  ranges.push({ of, expected, end })
  return outcome
}

function writeField(
  writing: Writing,
  data: Readonly<Record<string, unknown>>,
  field: SelectedField,
): Outcome {
  const { name, key, expected } = field
  if (name === '__typename') return writeTypename(writing, field)
  if (field.isRemoved) return expected?.kind === 'nonNull' ? 'bubble' : writeNull(writing)
  const value = field.isInherited ? own(data, key) : data[key]
  if (expected) return writeValue(writing, value, expected)
  // Introspection answers in the client's shape already.
  writing.json.value(value)
  return 'written'
}

function writeTypename(writing: Writing, { parent, name }: SelectedField): Outcome {
  if (!isObjectType(parent)) {
    complain(writing, { parent, name })
    return 'bubble'
  }
  writing.json.ascii(`"${parent.name}"`)
  return 'written'
}

/** An object of an answer as JSON, in the client's order; what may not stand in it is told in `invalid`. */
export function writeObject(
  writing: Writing,
  data: Readonly<Record<string, unknown>>,
  fields: readonly SelectedField[],
): Outcome {
  const { path, json } = writing
  const start = json.length
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as SelectedField
    json.ascii(index === 0 ? field.first : field.further)
    path.push(field.key)
    const outcome = writeField(writing, data, field)
    path.pop()
    if (outcome === 'bubble') return writeNullAt(writing, start)
  }
  json.ascii(fields.length === 0 ? '{}' : '}')
  return 'written'
}
