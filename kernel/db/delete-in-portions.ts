import type { EntityClass, FilterQuery } from '@mikro-orm/core'
import { deleteWhere } from './conditional-writes.ts'
import type { Database } from './database.ts'

/** Rows deleted in one statement. */
const ROWS_AT_ONCE = 1_000

type WithId = { id: string }

/**
 * Deletes what meets a condition that, once met, is met for good: found without a lock, deleted by id. One statement
 * for all would lock on InnoDB every row and gap that it looks at, and keep all who write there waiting.
 * @returns how many rows went
 */
export async function deleteInPortions<Entity extends WithId>(
  database: Database,
  entity: EntityClass<Entity>,
  where: FilterQuery<NoInfer<Entity>>,
): Promise<number> {
  // Of an entity that is not known here, types cannot tell that its column `id` may be asked for.
  const page = { fields: ['id'], orderBy: { id: 'asc' }, limit: ROWS_AT_ONCE } as never
  for (let deleted = 0; ; ) {
    const rows = await database.acrossTenants().find(entity, where, page)
    if (rows.length === 0) return deleted
    const among = { id: { $in: rows.map(({ id }) => id) } } as never
    deleted += await deleteWhere(database.acrossTenants(), entity, among)
    if (rows.length < ROWS_AT_ONCE) return deleted
  }
}
