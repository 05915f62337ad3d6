import {
  Cursor,
  CursorError,
  type EntityClass,
  type EntityProperty,
  type FilterQuery,
  raw,
} from '@mikro-orm/core'
import type { SqlEntityManager } from '@mikro-orm/sql'
import { isDecimalId } from '../ids.ts'
import { IdType } from './columns.ts'
import { databaseError } from './errors.ts'

/** What a Relay connection is asked for: `first`/`after` or `last`/`before`. */
export type PageArguments = {
  first?: number | null | undefined
  after?: string | null | undefined
  last?: number | null | undefined
  before?: string | null | undefined
}

export type Page<Entity> = {
  edges: { cursor: string; node: Entity }[]
  hasNextPage: boolean
  hasPreviousPage: boolean
}

export type Direction = 'asc' | 'desc'

/** Property and direction, most significant first; `id` is added last so that the order is total. */
export type PageOrder<Entity> = readonly (readonly [keyof Entity & string, Direction])[]

export const LARGEST_PAGE = 100
const DEFAULT_PAGE = 20
/** A cursor holds the ordered columns of one row; nothing honest is longer. */
const LONGEST_CURSOR = 2_000

type Window = { first: number; after?: string } | { last: number; before?: string }

function checkCursor(cursor: string | null | undefined): string | undefined {
  if (cursor === null || cursor === undefined) return undefined
  if (cursor.length > LONGEST_CURSOR) throw databaseError('PAGE_CURSOR_INVALID')
  return cursor
}

function isPageSize(size: number): boolean {
  return Number.isInteger(size) && size >= 1 && size <= LARGEST_PAGE
}

/** @throws PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
export function toWindow({ first, after, last, before }: PageArguments): Window {
  const isBackward = last !== null && last !== undefined
  const mixes = isBackward ? (first ?? after ?? null) !== null : (before ?? null) !== null
  const size = isBackward ? last : (first ?? DEFAULT_PAGE)
  if (mixes || !isPageSize(size)) throw databaseError('PAGE_SIZE_INVALID')
  const cursor = checkCursor(isBackward ? before : after)
  if (isBackward) return cursor === undefined ? { last: size } : { last: size, before: cursor }
  return cursor === undefined ? { first: size } : { first: size, after: cursor }
}

type Ordered = Pick<EntityProperty, 'nullable' | 'customType' | 'runtimeType'>

/** As cursors are written: no other spelling, because `Date` reads some instant out of nearly any text. */
function isInstant(value: unknown): boolean {
  const instant = new Date(typeof value === 'string' ? value : Number.NaN)
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === value
}

/** Whether a row could have this value in the column; an object would be read as a condition. */
function isValueOf({ nullable, customType, runtimeType }: Ordered, value: unknown): boolean {
  if (value === null) return nullable === true
  if (customType instanceof IdType) return isDecimalId(value)
  if (runtimeType === 'Date') return isInstant(value)
  if (runtimeType === 'number' || runtimeType === 'bigint') {
    return /^-?\d{1,19}(\.\d{1,9})?$/.test(String(value)) && typeof value !== 'object'
  }
  if (runtimeType === 'boolean') return typeof value === 'boolean'
  return typeof value === 'string' && !value.includes('\0')
}

/** A cursor of another order has other columns, and one that a client made up anything at all. */
function checkCursorValues(cursor: string | null | undefined, ordered: readonly Ordered[]): void {
  if (cursor === null || cursor === undefined) return
  const values = decodeCursor(cursor)
  const fits = values.length === ordered.length
  if (fits && ordered.every((property, index) => isValueOf(property, values[index]))) return
  throw databaseError('PAGE_CURSOR_INVALID')
}

function decodeCursor(cursor: string): unknown[] {
  try {
    const values: unknown = Cursor.decode(cursor)
    if (Array.isArray(values)) return values
  } catch (cause) {
    throw databaseError('PAGE_CURSOR_INVALID', {}, { cause })
  }
  throw databaseError('PAGE_CURSOR_INVALID')
}

function totalOrder(orderBy: readonly (readonly [string, Direction])[]): Record<string, Direction> {
  const order = Object.fromEntries(orderBy)
  return 'id' in order ? order : { ...order, id: 'asc' }
}

/**
 * One page by keyset: rows that come or go between two pages shift nothing.
 * @throws PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID
 */
export async function findPage<Entity extends object>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  query: { where: FilterQuery<NoInfer<Entity>>; orderBy: PageOrder<Entity>; page: PageArguments },
): Promise<Page<Entity>> {
  const orderBy = totalOrder(query.orderBy)
  const window = toWindow(query.page)
  const properties = em.getMetadata().get(entity).properties as Record<string, Ordered>
  const ordered = Object.keys(orderBy).flatMap((name) => properties[name] ?? [])
  checkCursorValues(query.page.after ?? query.page.before, ordered)
  const options = { where: query.where, orderBy, includeCount: false, ...window }
  try {
    const cursor = await em.findByCursor(entity, options as never)
    const nodes = cursor.items as unknown as Entity[]
    return {
      edges: nodes.map((node) => ({ node, cursor: cursor.from(node as never) })),
      hasNextPage: cursor.hasNextPage,
      hasPreviousPage: cursor.hasPrevPage,
    }
  } catch (cause) {
    if (cause instanceof CursorError) throw databaseError('PAGE_CURSOR_INVALID', {}, { cause })
    throw cause
  }
}

function decodeIdCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const [id, ...others] = decodeCursor(cursor)
  if (isDecimalId(id) && others.length === 0) return id
  throw databaseError('PAGE_CURSOR_INVALID')
}

export type ChildPages<Entity> = {
  /** The property that names the parent. */
  parent: keyof Entity & string
  parentIds: readonly string[]
  where?: FilterQuery<NoInfer<Entity>>
  page: Pick<PageArguments, 'first' | 'after'>
}

type RankedRow = { id: string | number; parent: string | number }

/** The ids of the first children of each parent, one more than asked, by one window query. */
async function rankChildren<Entity extends object>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  { parent, parentIds, where, page }: ChildPages<Entity>,
): Promise<RankedRow[]> {
  const { first, after } = toWindow(page) as { first: number; after?: string }
  const metadata = em.getMetadata().get(entity)
  const properties = metadata.properties as Record<string, { fieldNames: string[] }>
  const column = em.getPlatform().quoteIdentifier(properties[parent]?.fieldNames[0] ?? parent)
  const conditions = [{ [parent]: { $in: [...parentIds] } }, where ?? {}]
  const position = decodeIdCursor(after)
  if (position !== undefined) conditions.push({ id: { $gt: position } } as never)
  const ranked = em
    .createQueryBuilder(entity, 'child')
    .select(
      raw(
        `child.id as id, child.${column} as parent, row_number() over (partition by child.${column} order by child.id) as position`,
      ) as never,
    )
    .where({ $and: conditions } as never)
  await ranked.applyFilters()
  const { sql, params } = ranked.getNativeQuery().compile()
  return em
    .getConnection()
    .execute(
      `select id, parent from (${sql}) as ranked where position <= ? order by id`,
      [...params, first + 1],
      'all',
      em.getTransactionContext(),
    )
}

/**
 * The first page of children for many parents in two queries, in the order of `parentIds`; the
 * children are ordered by id. For data loaders: no query per row.
 */
export async function findChildPages<Entity extends { id: string }>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  query: ChildPages<Entity>,
): Promise<Page<Entity>[]> {
  const { first } = toWindow(query.page) as { first: number }
  const rows = await rankChildren(em, entity, query)
  const ids = rows.map((row) => String(row.id))
  const found = await em.find(entity, { id: { $in: ids } } as never)
  const nodes = new Map(found.map((node) => [node.id, node]))
  const byParent = Map.groupBy(rows, (row) => String(row.parent))
  return query.parentIds.map((parentId) => {
    const children = byParent.get(parentId) ?? []
    const edges = children.slice(0, first).flatMap(({ id }) => {
      const node = nodes.get(String(id))
      return node ? [{ node, cursor: Cursor.encode([node.id]) }] : []
    })
    const hasPreviousPage = (query.page.after ?? null) !== null
    return { edges, hasNextPage: children.length > first, hasPreviousPage }
  })
}
