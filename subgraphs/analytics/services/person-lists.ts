import type { EntityClass, FilterQuery } from '@mikro-orm/core'
import type { ChildPage } from '#kernel/db/batches.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { findChildPages, findPage, type Page, type PageOrder } from '#kernel/db/keyset-pages.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'

/** A list of a person's rows as a client asks for it: forward only; in no order it goes by id. */
export type PersonQuery<Entity> = {
  where: Where | null | undefined
  orderBy: PageOrder<Entity>
  page: ChildPage
}

type Owned = { id: string; userId?: string | null | undefined }

type Asked<Entity> = PersonQuery<Entity> & {
  userIds: readonly string[]
  /** What all rows of the list have in common, whatever is asked. */
  always?: FilterQuery<NoInfer<Entity>>
}

/**
 * A page of the rows of each person, in the order of `userIds`: two queries for all of them by id,
 * in another order one for each person.
 * @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID
 */
export async function findPersonPages<Entity extends Owned>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  { userIds, always = {}, where, orderBy, page }: Asked<Entity>,
): Promise<Page<Entity>[]> {
  if (userIds.length === 0) return []
  // Filters of an open Entity are conditions of it, which the compiler does not see.
  const asked = (...conditions: readonly object[]) =>
    ({ $and: [always, toCondition(em, entity, where), ...conditions] }) as FilterQuery<
      NoInfer<Entity>
    >
  if (orderBy.length === 0) {
    const children = { parent: 'userId', parentIds: userIds, where: asked(), page } as const
    return findChildPages(em, entity, children)
  }
  const pages: Page<Entity>[] = []
  for (const userId of userIds) {
    pages.push(await findPage(em, entity, { where: asked({ userId }), orderBy, page }))
  }
  return pages
}
