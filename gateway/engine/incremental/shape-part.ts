import { type GraphQLCompositeType, GraphQLError, type GraphQLSchema, isObjectType } from 'graphql'
import { gatewayError } from '../../errors.ts'
import type { Expected } from '../expected-values.ts'
import { isJsonObject, type JsonObject, own, put } from '../own-properties.ts'
import type { ResponsePath } from '../plan-paths.ts'
import { runtimeType } from '../write-data.ts'
import type { CollectedGroups, FieldGroup, PartField, TaggedSelection } from './deferred-fields.ts'
import type { DeferUsage } from './deferred-operation.ts'

/** A deferred fragment at one object of the answer. */
export type Fragment = {
  usage: DeferUsage
  path: ResponsePath
  /** Null where none stands around it. */
  parent: Fragment | null
  children: Fragment[]
  groups: LaterGroup[]
  isLinked: boolean
  /** How it was announced, if it was. */
  id: string | null
}

/** Fields of one object that are delivered later. */
export type LaterGroup = FieldGroup & {
  fragments: readonly Fragment[]
  path: ResponsePath
  object: JsonObject
  scope: Scope
  /** Null until it is delivered. */
  outcome: PartOutcome | null
}

/** What became of a group: its fields, or null with errors. */
export type PartOutcome = {
  group: LaterGroup
  data: JsonObject | null
  /** Of subgraphs, and of refused places. */
  heard: GraphQLError[]
  /** Values that the schema does not allow. */
  invalid: readonly GraphQLError[]
}

/** The fragments around a place, innermost first. */
export type Scope = { fragment: Fragment; outer: Scope } | null

/** One part on its way into the client's shape. */
export type PartWalk = {
  schema: GraphQLSchema
  collect: (
    selections: readonly TaggedSelection[],
    type: GraphQLCompositeType,
    current: string,
  ) => CollectedGroups
  /** The group whose fields are shaped. */
  current: string
  /** Where the walk stands; errors copy it. */
  path: (string | number)[]
  invalid: GraphQLError[]
  /** What stands in this part and is delivered later. */
  later: LaterGroup[]
}

/** A null where none may stand: it takes its parent with it. */
const BUBBLE = Symbol('bubble')
type Place = { field: PartField; expected: Expected; scope: Scope }

function reject({ path, invalid }: PartWalk, { parent, name }: PartField): null {
  const field = `${parent.name}.${name}`
  const { message, extensions } = gatewayError('SUBGRAPH_VALUE_INVALID', { field })
  invalid.push(new GraphQLError(message, { path: [...path], extensions }))
  return null
}

function fragmentOf(scope: Scope, usage: DeferUsage | null): Fragment | null {
  if (!scope || !usage) return null
  return scope.fragment.usage === usage ? scope.fragment : fragmentOf(scope.outer, usage)
}

function opened(walk: PartWalk, usages: readonly DeferUsage[], outer: Scope): Scope {
  return usages.reduce<Scope>((scope, usage) => {
    const parent = fragmentOf(scope, usage.parent)
    const fragment: Fragment = {
      ...{ usage, parent, path: [...walk.path] },
      ...{ children: [], groups: [], isLinked: false, id: null },
    }
    return { fragment, outer: scope }
  }, outer)
}

/** Shapes an object as far as it belongs to this part, and notes what is delivered later. */
export function shapeObject(
  walk: PartWalk,
  object: JsonObject,
  { collected, scope: outer }: { collected: CollectedGroups; scope: Scope },
): JsonObject | null {
  const before = walk.later.length
  const scope = opened(walk, collected.opened, outer)
  for (const group of collected.later) {
    const fragments = group.usages.flatMap((usage) => fragmentOf(scope, usage) ?? [])
    const path = [...walk.path]
    walk.later.push({ ...group, ...{ fragments, path, object, scope, outcome: null } })
  }
  const shaped = shapeFields(walk, object, { fields: collected.here, scope })
  // Nothing comes later of what is not there.
  if (shaped === null) walk.later.length = before
  return shaped
}

/** Fields of an object; null when one of them may not be null and is. */
export function shapeFields(
  walk: PartWalk,
  object: JsonObject,
  { fields, scope }: { fields: readonly PartField[]; scope: Scope },
): JsonObject | null {
  const shaped: JsonObject = {}
  for (const field of fields) {
    walk.path.push(field.key)
    const value = shapeField(walk, object, { field, scope })
    walk.path.pop()
    if (value === BUBBLE) return null
    put(shaped, field.key, value)
  }
  return shaped
}

function shapeField(
  walk: PartWalk,
  object: JsonObject,
  { field, scope }: { field: PartField; scope: Scope },
): unknown {
  const { name, key, parent, expected } = field
  if (name === '__typename') {
    if (isObjectType(parent)) return parent.name
    reject(walk, field)
    return BUBBLE
  }
  if (field.isRemoved) return expected?.kind === 'nonNull' ? BUBBLE : null
  const value = own(object, key)
  // Introspection answers in the client's shape already.
  return expected ? shapeValue(walk, value, { field, expected, scope }) : (value ?? null)
}

function shapeValue(walk: PartWalk, value: unknown, place: Place): unknown {
  const { expected, field } = place
  if (expected.kind === 'nonNull') {
    const before = walk.invalid.length
    const shaped = shapeValue(walk, value, { ...place, expected: expected.of })
    if (shaped !== null) return shaped
    if (walk.invalid.length === before) reject(walk, field)
    return BUBBLE
  }
  if (value === null || value === undefined) return null
  switch (expected.kind) {
    case 'leaf':
      return expected.isValid(value) ? value : reject(walk, field)
    case 'list':
      if (!Array.isArray(value)) return reject(walk, field)
      return shapeList(walk, value, { ...place, expected: expected.of })
    case 'composite':
      return shapeComposite(walk, value, { ...place, expected })
  }
}

function shapeList(walk: PartWalk, items: readonly unknown[], place: Place): unknown {
  const before = walk.later.length
  const shaped = items.map((item, index) => {
    walk.path.push(index)
    const value = shapeValue(walk, item, place)
    walk.path.pop()
    return value
  })
  if (!shaped.includes(BUBBLE)) return shaped
  walk.later.length = before
  return null
}

type Composite = Place & { expected: Extract<Expected, { kind: 'composite' }> }

function shapeComposite(walk: PartWalk, value: unknown, { field, expected, scope }: Composite) {
  if (!isJsonObject(value)) return reject(walk, field)
  const { type, isObject } = expected
  const named = isObject ? type : runtimeType(walk.schema, value, type)
  if (!named) return reject(walk, field)
  const collected = walk.collect(field.inside, named, walk.current)
  return shapeObject(walk, value, { collected, scope })
}
