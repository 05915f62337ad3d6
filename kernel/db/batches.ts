import type { EntityClass } from '@mikro-orm/core'
import type { SqlEntityManager } from '@mikro-orm/sql'
import DataLoader from 'dataloader'
import { databaseError } from './errors.ts'
import { type ChildPages, findChildPages, type Page, type PageArguments } from './keyset-pages.ts'

/** Keys of one query at most: MariaDB and SQLite both take many more parameters. */
const LARGEST_BATCH = 1_000

type Found<Value> = readonly (Value | Error)[]

/**
 * Gathers what is asked for in one turn into one call, each key once; values come in the order of
 * the keys. It remembers nothing, so a read after a change in the same request sees the change.
 */
export function createBatch<Key, Value>(
  findAll: (keys: readonly Key[]) => Promise<Found<Value>>,
): (key: Key) => Promise<Value> {
  const loader = new DataLoader<Key, Value>(
    async (keys) => {
      const asked = [...new Set(keys)]
      const found = await findAll(asked)
      const positions = new Map(asked.map((key, position) => [key, position]))
      return keys.map((key) => found[positions.get(key) ?? -1] as Value | Error)
    },
    { cache: false, maxBatchSize: LARGEST_BATCH },
  )
  return (key) => loader.load(key)
}

/** A row by its key, or null: what is asked for in one turn is one query. */
export function createRowBatch<Row>(
  findAll: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): (key: string) => Promise<Row | null> {
  return createBatch(async (keys: readonly string[]): Promise<(Row | null)[]> => {
    const byKey = new Map((await findAll(keys)).map((row) => [keyOf(row), row]))
    return keys.map((key) => byKey.get(key) ?? null)
  })
}

/** All rows of a parent: what is asked for in one turn is one query. */
export function createGroupBatch<Row>(
  findAll: (parents: readonly string[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => string,
): (parent: string) => Promise<readonly Row[]> {
  return createBatch(async (parents: readonly string[]): Promise<(readonly Row[])[]> => {
    const byParent = Map.groupBy(await findAll(parents), parentOf)
    return parents.map((parent) => byParent.get(parent) ?? [])
  })
}

/** The page of a child list: forward only, ordered by id. */
export type ChildPage = Pick<PageArguments, 'first' | 'after'>

/** The page of a child list that was asked for. @throws PAGE_SIZE_INVALID for one from the end */
export function toForwardPage({ first, after, last, before }: PageArguments): ChildPage {
  if ((last ?? before ?? null) !== null) throw databaseError('PAGE_SIZE_INVALID')
  return { first, after }
}

type Asked<Query> = { parent: string; query: Query }

/** Pages of children: one round of queries for all parents that are asked the same question. */
export function createPageBatch<Row, Query extends object>(
  findPages: (parents: readonly string[], query: Query) => Promise<readonly Page<Row>[]>,
): (parent: string, query: Query) => Promise<Page<Row>> {
  const answer = async (asked: readonly Asked<Query>[], query: Query) => {
    const parents = [...new Set(asked.map(({ parent }) => parent))]
    const found = await findPages(parents, query).catch(toError)
    const pages = new Map(parents.map((parent, position) => [parent, pageAt(found, position)]))
    return asked.map((key) => [key, pages.get(key.parent) ?? EMPTY_PAGE] as const)
  }
  const load = createBatch(async (keys: readonly Asked<Query>[]): Promise<Found<Page<Row>>> => {
    const questions = [...Map.groupBy(keys, ({ query }) => questionOf(query)).values()]
    const answers = await Promise.all(
      questions.map((asked) => answer(asked, (asked[0] as Asked<Query>).query)),
    )
    const pages = new Map(answers.flat())
    return keys.map((key) => pages.get(key) ?? EMPTY_PAGE)
  })
  return (parent, query) => load({ parent, query })
}

/** Pages of the rows that name a parent; `read` gives a fresh unit of work of the asker's reach. */
export const createChildPages = <Entity extends { id: string }>(
  read: () => SqlEntityManager,
  entity: EntityClass<Entity>,
  rows: Pick<ChildPages<Entity>, 'parent' | 'where'>,
) =>
  createPageBatch<Entity, ChildPage>((parentIds, page) =>
    findChildPages(read(), entity, { ...rows, parentIds, page }),
  )

const pageAt = <Row>(found: readonly Page<Row>[] | Error, position: number) =>
  found instanceof Error ? found : found[position]

const EMPTY_PAGE = { edges: [], hasNextPage: false, hasPreviousPage: false }

/** Equal questions have equal texts; JSON alone knows no big integers. */
function questionOf(query: object): string {
  return JSON.stringify(query, (_name, value: unknown) =>
    typeof value === 'bigint' ? { bigint: String(value) } : value,
  )
}

/** A refused page must not refuse the others of its batch; DataLoader hands it to those who asked. */
function toError(failure: unknown): Error {
  if (failure instanceof Error) return failure
  throw failure
}
