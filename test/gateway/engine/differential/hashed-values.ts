import { isEnumType, Kind, type SelectionSetNode, valueFromASTUntyped } from 'graphql'
import { canonicalJson, hashOf } from './chance.ts'
import type { FieldFact, FieldFacts, Shape } from './field-facts.ts'

type Json = Record<string, unknown>

/** A thing of the world: its type and its number say everything else of it. */
export type Thing = {
  type: string
  number: number
  /** The thing that it was reached from. */
  above: Thing | null
  /** As another subgraph described it. */
  told: Readonly<Json> | null
}

/** Things of each type. */
const THINGS = 5
const KEY = /-([A-Za-z_]\w*)-(\d+)$/

/** Where a value stands: what its hash is made of, and who is above it. */
type Spot = { text: string; above: Thing; fact: FieldFact; facts: FieldFacts }

const at = (spot: Spot, step: string): Spot => ({ ...spot, text: `${spot.text}/${step}` })

function scalarOf(name: string, hash: number): unknown {
  switch (name) {
    case 'Int':
      return (hash % 4001) - 2000
    case 'Float':
      return (hash % 4001) / 8
    case 'Boolean':
      return hash % 2 === 0
    case 'ID':
      return `id-${hash % 997}`
    case 'String':
      return (
        ['', 'plain', 'naïve "quoted"', 'line\nbreak', '€ 10'][hash % 17] ?? `text ${hash % 997}`
      )
    default:
      return customScalar(hash)
  }
}

/** Scalars of a subgraph's own may be anything that JSON can say. */
function customScalar(hash: number): unknown {
  const forms = [
    `v${hash % 97}`,
    hash % 1000,
    hash % 2 === 0,
    [hash % 7, null],
    { a: { b: hash % 7 } },
  ]
  return forms[hash % forms.length]
}

function namedValue(spot: Spot, name: string): unknown {
  const hash = hashOf(spot.text)
  const type = spot.facts.schema.getType(name)
  const chosen = spot.fact.candidates[hash % (spot.fact.candidates.length || 1)]
  if (isEnumType(type)) return chosen ?? null
  if (!type || 'parseLiteral' in type) return scalarOf(name, hash)
  if (!chosen) return null
  const number = hashOf(`${spot.text}#`) % THINGS
  return { type: chosen, number, above: spot.above, told: null } satisfies Thing
}

function builtValue(spot: Spot, shape: Shape): unknown {
  const hash = hashOf(`${spot.text}?`)
  if (shape.isNullable && hash % 9 === 0) return null
  if (shape.kind === 'named') return namedValue(spot, shape.name)
  const length = (hash >>> 8) % 4
  return Array.from({ length }, (_, index) => builtValue(at(spot, String(index)), shape.of))
}

/** A key says whose it is, in its text; a number says only which. */
function keyValue(thing: Thing, field: string, shape: Shape): unknown {
  if (shape.kind === 'named' && shape.name === 'Int') return thing.number
  return `${field}-${thing.type}-${thing.number}`
}

const isLeafKey = ({ isKey, shape }: FieldFact) =>
  isKey && shape.kind === 'named' && ['ID', 'String', 'Int'].includes(shape.name)

/** The thing that a representation speaks of; null when it speaks of none. */
export function thingOf(representation: Readonly<Json>): Thing | null {
  const { __typename: type } = representation
  for (const value of Object.values(representation)) {
    const [, named, number] = (typeof value === 'string' && KEY.exec(value)) || []
    if (named) return { type: named, number: Number(number), above: null, told: representation }
  }
  const number = Object.values(representation).find((value) => Number.isInteger(value))
  if (typeof number !== 'number' || typeof type !== 'string') return null
  return { type, number, above: null, told: representation }
}

/** The world that all subgraphs of a federation tell of, each its part. */
export type HashedValues = {
  /**
   * The value of a field. What the field requires of other subgraphs is read from what was told of
   * the thing; where nothing was told, it is found out.
   */
  read: (thing: Thing, field: string, args: Readonly<Json>) => unknown
  /** What a field takes from the things above it, which only one who sees all of them can know. */
  contextOf: (thing: Thing, field: string) => Json
}

function projectAll(values: HashedValues, value: unknown, set: SelectionSetNode): unknown {
  if (Array.isArray(value)) return value.map((item) => projectAll(values, item, set))
  return value === null ? null : project(values, value as Thing, set)
}

const literalArguments = (
  nodes: readonly {
    name: { value: string }
    value: Parameters<typeof valueFromASTUntyped>[0]
  }[] = [],
) => Object.fromEntries(nodes.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]))

/** What a set of fields finds of a thing, for one who may ask everybody. */
function project(values: HashedValues, thing: Thing, { selections }: SelectionSetNode): Json {
  const found: Json = {}
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const { name, arguments: given, selectionSet } = selection
      const value =
        name.value === '__typename'
          ? thing.type
          : values.read(thing, name.value, literalArguments(given))
      found[name.value] = selectionSet ? projectAll(values, value, selectionSet) : value
    } else if (selection.kind === 'InlineFragment') {
      if (selection.typeCondition?.name.value === thing.type)
        Object.assign(found, project(values, thing, selection.selectionSet))
    }
  }
  return found
}

/** The same of what a representation says, which may not say what type a part of it is of. */
function projectTold(told: unknown, { selections }: SelectionSetNode): unknown {
  if (Array.isArray(told))
    return told.map((item) => projectTold(item, { kind: Kind.SELECTION_SET, selections }))
  if (typeof told !== 'object' || told === null) return told
  const { __typename: type } = told as Json
  const found: Json = {}
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      const isOther = type !== undefined && type !== selection.typeCondition?.name.value
      if (!isOther) Object.assign(found, projectTold(told, selection.selectionSet))
    } else if (selection.kind === 'Field' && Object.hasOwn(told, selection.name.value)) {
      const { name, selectionSet } = selection
      const value = (told as Json)[name.value]
      found[name.value] = selectionSet ? projectTold(value, selectionSet) : value
    }
  }
  return found
}

function surrounding(
  values: HashedValues,
  thing: Thing,
  types: ReadonlySet<string>,
  set: SelectionSetNode,
): unknown {
  let above = thing.above
  while (above && !types.has(above.type)) above = above.above
  if (!above) return undefined
  let value: unknown = project(values, above, set)
  while (typeof value === 'object' && value !== null && !Array.isArray(value))
    value = Object.values(value)[0]
  return value
}

/** Everything of a federation, by hash: the same question has the same answer, whoever is asked. */
export function createHashedValues(facts: FieldFacts): HashedValues {
  const values: HashedValues = {
    read: (thing, field, args) => {
      const fact = facts.of(thing.type, field)
      if (isLeafKey(fact)) return keyValue(thing, field, fact.shape)
      const { requires } = fact
      const required =
        requires &&
        (thing.told ? projectTold(thing.told, requires) : project(values, thing, requires))
      const text = [
        thing.type,
        thing.number,
        field,
        canonicalJson(args),
        canonicalJson(required),
      ].join('|')
      return builtValue({ text, above: thing, fact, facts }, fact.shape)
    },
    contextOf: (thing, field) => {
      const { contexts } = facts.of(thing.type, field)
      const found = contexts.map(({ argument, types, selection }) => [
        argument,
        surrounding(values, thing, types, selection),
      ])
      return Object.fromEntries(found.filter(([, value]) => value !== undefined))
    },
  }
  return values
}
