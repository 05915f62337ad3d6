import DataLoader from 'dataloader'
import { databaseError } from '#kernel/db/errors.ts'
import type { Page, PageArguments } from '#kernel/db/keyset-pages.ts'

/** Keys of one query at most: SQLite takes some 32,000 parameters. */
const LARGEST_BATCH = 5_000

/** Rows by their key: what is asked for in one turn is one query. */
export function createRowBatch<Row>(
  findAll: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): (key: string) => Promise<Row | null> {
  const loader = new DataLoader<string, Row | null>(
    async (keys) => {
      const byKey = new Map((await findAll(keys)).map((row) => [keyOf(row), row]))
      return keys.map((key) => byKey.get(key) ?? null)
    },
    { maxBatchSize: LARGEST_BATCH },
  )
  return (key) => loader.load(key)
}

/** All rows of a parent: what is asked for in one turn is one query. */
export function createGroupBatch<Row>(
  findAll: (parents: readonly string[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => string,
): (parent: string) => Promise<readonly Row[]> {
  const loader = new DataLoader<string, readonly Row[]>(
    async (parents) => {
      const byParent = Map.groupBy(await findAll(parents), parentOf)
      return parents.map((parent) => byParent.get(parent) ?? [])
    },
    { maxBatchSize: LARGEST_BATCH },
  )
  return (parent) => loader.load(parent)
}

/** The page of a child list: forward only, ordered by id. */
export type ChildPage = Pick<PageArguments, 'first' | 'after'>

/** @throws PAGE_SIZE_INVALID for a page from the end */
export function toForwardPage({ last, before, ...page }: PageArguments): ChildPage {
  if ((last ?? before ?? null) !== null) throw databaseError('PAGE_SIZE_INVALID')
  return page
}

type Asked<Query> = { parent: string; query: Query }

/** Pages of children: one round of queries for all parents that are asked the same question. */
export function createPageBatch<Row, Query extends object>(
  findPages: (parents: readonly string[], query: Query) => Promise<readonly Page<Row>[]>,
): (parent: string, query: Query) => Promise<Page<Row>> {
  const loader = new DataLoader<Asked<Query>, Page<Row>>(
    async (keys) => {
      const found = new Map<Asked<Query>, Page<Row> | Error>()
      const questions = Map.groupBy(keys, ({ query }) => JSON.stringify(query))
      for (const asked of questions.values()) {
        const [first] = asked
        if (!first) continue
        const parents = [...new Set(asked.map(({ parent }) => parent))]
        const pages = await findPages(parents, first.query).catch(toError)
        for (const key of asked) {
          const page = pages instanceof Error ? pages : pages[parents.indexOf(key.parent)]
          if (page) found.set(key, page)
        }
      }
      return keys.map((key) => found.get(key) ?? EMPTY_PAGE)
    },
    { cache: false, maxBatchSize: LARGEST_BATCH },
  )
  return (parent, query) => loader.load({ parent, query })
}

const EMPTY_PAGE = { edges: [], hasNextPage: false, hasPreviousPage: false }

/** A refused page must not refuse the others of its batch; DataLoader hands it to those who asked. */
function toError(failure: unknown): Error {
  if (failure instanceof Error) return failure
  throw failure
}
