import type { EnumRef, InputFieldMap } from '@pothos/core'
import type { Direction } from '../db/keyset-pages.ts'
import type { Where } from '../db/where.ts'
import type { Builder, RequestContext } from './builder.ts'
import { graphqlError } from './errors.ts'

type AnyBuilder = Builder<RequestContext>

/** The types that a `where` argument can compare; each has a filter input of its own. */
export type ComparedType =
  | 'ID'
  | 'String'
  | 'Int'
  | 'Boolean'
  | 'DateTime'
  | 'BigInt'
  | EnumRef<never, string>

const ORDERED = new Set<unknown>(['Int', 'DateTime', 'BigInt', 'String'])

type FilterCache = Map<unknown, unknown>
const filterCaches = new WeakMap<object, FilterCache>()
const directionCaches = new WeakMap<object, EnumRef<never, Direction>>()

function filterNameOf(compared: ComparedType): string {
  return `${typeof compared === 'string' ? compared : (compared as unknown as { name: string }).name}Filter`
}

/** `IDFilter`, `StringFilter`, `<Enum>Filter` …: made once per builder, alike in every subgraph. */
function filterInput(builder: AnyBuilder, compared: ComparedType) {
  const cache = filterCaches.get(builder) ?? new Map<unknown, unknown>()
  filterCaches.set(builder, cache)
  const known = cache.get(compared)
  if (known) return known as never
  const type = compared as 'String'
  const filter = builder.inputType(filterNameOf(compared), {
    description: 'Comparisons that must all hold.',
    fields: (t): InputFieldMap => ({
      eq: t.field({ type, description: 'Equal to this.' }),
      in: t.field({ type: [type], description: 'Equal to one of these, at most 100.' }),
      ...(ORDERED.has(compared) && {
        lt: t.field({ type, description: 'Before or below this.' }),
        gt: t.field({ type, description: 'After or above this.' }),
      }),
      ...(compared === 'String' && {
        contains: t.field({ type, description: 'Holds this text, letter by letter.' }),
      }),
    }),
  })
  cache.set(compared, filter)
  return filter as never
}

/**
 * The typed `where` argument of a list: `{ name: { contains: "x" }, or: [ … ] }`. The keys of
 * `properties` are entity properties.
 */
export function createWhereInput<Context extends RequestContext>(
  builder: Builder<Context>,
  name: string,
  properties: Readonly<Record<string, ComparedType>>,
) {
  const any = builder as unknown as AnyBuilder
  const ref = any.inputRef<Where>(name)
  ref.implement({
    description: 'Conditions that must all hold; combine more with and, or, not.',
    fields: (t) =>
      ({
        ...Object.fromEntries(
          Object.entries(properties).map(([property, compared]) => [
            property,
            t.field({ type: filterInput(any, compared), description: `Compares ${property}.` }),
          ]),
        ),
        and: t.field({ type: [ref], description: 'All of these hold.' }),
        or: t.field({ type: [ref], description: 'At least one of these holds.' }),
        not: t.field({ type: ref, description: 'This does not hold.' }),
      }) as never,
  })
  return ref
}

function directionEnum(builder: AnyBuilder): EnumRef<never, Direction> {
  const known = directionCaches.get(builder)
  if (known) return known
  const created = builder.enumType('OrderDirection', {
    description: 'Which end comes first.',
    values: {
      ASC: { value: 'asc', description: 'Smallest, earliest or A first.' },
      DESC: { value: 'desc', description: 'Largest, latest or Z first.' },
    } as const,
  }) as unknown as EnumRef<never, Direction>
  directionCaches.set(builder, created)
  return created
}

export type OrderInput<Property extends string> = { field: Property; direction: Direction }

/** The `orderBy` argument of a list. `fields` maps the enum's values to entity properties. */
export function createOrderInput<Context extends RequestContext, const Property extends string>(
  builder: Builder<Context>,
  name: string,
  fields: Readonly<Record<string, Property>>,
) {
  const any = builder as unknown as AnyBuilder
  const fieldEnum = any.enumType(`${name}Field`, {
    description: 'What a list can be ordered by.',
    values: Object.fromEntries(
      Object.entries(fields).map(([value, property]) => [
        value,
        { value: property, description: `By ${property}.` },
      ]),
    ),
  })
  const ref = any.inputRef<OrderInput<Property>>(name)
  ref.implement({
    description: 'One step of an order.',
    fields: (t) =>
      ({
        field: t.field({ type: fieldEnum, required: true, description: 'What to order by.' }),
        direction: t.field({
          type: directionEnum(any),
          required: true,
          description: 'Which end comes first.',
        }),
      }) as never,
  })
  return ref
}

const MOST_ORDER_FIELDS = 3

/** The order a client asked for, or the list's own. @throws ORDER_TOO_LONG */
export function toPageOrder<Property extends string>(
  orderBy: readonly OrderInput<Property>[] | null | undefined,
  fallback: readonly (readonly [Property, Direction])[],
): readonly (readonly [Property, Direction])[] {
  if (!orderBy || orderBy.length === 0) return fallback
  const isRepeated = new Set(orderBy.map(({ field }) => field)).size < orderBy.length
  if (orderBy.length > MOST_ORDER_FIELDS || isRepeated) throw graphqlError('ORDER_TOO_LONG')
  return orderBy.map(({ field, direction }) => [field, direction] as const)
}
