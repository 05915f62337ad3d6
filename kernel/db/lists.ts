import type { EntityClass, FilterQuery } from '@mikro-orm/core'
import type { SqlEntityManager } from '@mikro-orm/sql'
import { findPage, type Page, type PageArguments, type PageOrder } from './keyset-pages.ts'
import { toCondition, type Where } from './where.ts'

/** A list as a client asks for it. */
export type ListQuery<Entity> = {
  where?: Where | null | undefined
  orderBy: PageOrder<Entity>
  page: PageArguments
}

/** One page of all rows that `em` sees. @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
export async function findList<Entity extends object>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  { where, ...query }: ListQuery<Entity>,
): Promise<Page<Entity>> {
  // NoInfer<Entity> is Entity, which the compiler does not see while Entity is open.
  const condition = toCondition(em, entity, where) as FilterQuery<NoInfer<Entity>>
  return findPage(em, entity, { ...query, where: condition })
}
