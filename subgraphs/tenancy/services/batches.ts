import type { EntityClass } from '@mikro-orm/core'
import DataLoader from 'dataloader'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { databaseError } from '#kernel/db/errors.ts'
import { findChildPages, type Page, type PageArguments } from '#kernel/db/keyset-pages.ts'

/** Keys of one query at most: SQLite takes some 32,000 parameters. */
const LARGEST_BATCH = 1_000

/**
 * Gathers what is asked for in one turn into one query. It remembers nothing, so a read after a
 * change in the same request sees the change.
 */
export function createBatch<Value>(
  findAll: (keys: readonly string[]) => Promise<readonly Value[]>,
  keyOf: (value: Value) => string,
): (key: string) => Promise<Value | null> {
  const loader = new DataLoader<string, Value | null>(
    async (keys) => {
      const values = await findAll([...new Set(keys)])
      const byKey = new Map(values.map((value) => [keyOf(value), value]))
      return keys.map((key) => byKey.get(key) ?? null)
    },
    { cache: false, maxBatchSize: LARGEST_BATCH },
  )
  return (key) => loader.load(key)
}

/** The page of a child list: forward only, ordered by id. */
export type ChildPageArguments = Pick<PageArguments, 'first' | 'after'>

/** The page of a child list that was asked for. @throws PAGE_SIZE_INVALID for a backward one */
export function toForwardPage({ first, after, last, before }: PageArguments): ChildPageArguments {
  if ((last ?? before ?? null) !== null) throw databaseError('PAGE_SIZE_INVALID')
  return { first, after }
}

type Asked = { tenantId: string; page: ChildPageArguments; onlyWhere: object }

type OwnedByTenant = { id: string; tenantId: string }

/** Pages of what tenants own, for many tenants by one query per distinct page asked for. */
export function createTenantPages<Entity extends OwnedByTenant>(
  read: () => SqlEntityManager,
  entity: EntityClass<Entity>,
  onlyWhere: object = {},
): (tenantId: string, page: ChildPageArguments) => Promise<Page<Entity>> {
  const findSome = async (asked: readonly Asked[], page: ChildPageArguments) => {
    const parentIds = [...new Set(asked.map(({ tenantId }) => tenantId))]
    const query = { parent: 'tenantId' as const, parentIds, where: onlyWhere as never, page }
    const pages = await findChildPages(read(), entity, query)
    return new Map(parentIds.map((tenantId, index) => [tenantId, pages[index]]))
  }
  const loader = new DataLoader<Asked, Page<Entity>>(
    async (keys) => {
      const found = new Map<Asked, Page<Entity> | Error>()
      const groups = Map.groupBy(keys, ({ page }) => `${page.first ?? ''}:${page.after ?? ''}`)
      for (const asked of groups.values()) {
        const pages = await findSome(asked, asked[0]?.page ?? {}).catch(toError)
        for (const key of asked) {
          found.set(key, pages instanceof Error ? pages : pageOf(pages, key.tenantId))
        }
      }
      return keys.map((key) => found.get(key) ?? EMPTY_PAGE)
    },
    { cache: false, maxBatchSize: LARGEST_BATCH },
  )
  return (tenantId, page) => loader.load({ tenantId, page, onlyWhere })
}

const EMPTY_PAGE = { edges: [], hasNextPage: false, hasPreviousPage: false }

/** A refused page must not refuse the others of its batch; DataLoader hands it to those who asked. */
function toError(failure: unknown): Error {
  if (failure instanceof Error) return failure
  throw failure
}

function pageOf<Entity>(
  pages: ReadonlyMap<string, Page<Entity> | undefined>,
  tenantId: string,
): Page<Entity> {
  return pages.get(tenantId) ?? EMPTY_PAGE
}
