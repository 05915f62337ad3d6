import {
  type EntityClass,
  type FilterQuery,
  raw,
  UniqueConstraintViolationException,
} from '@mikro-orm/core'
import type { SqlEntityManager } from '@mikro-orm/sql'
import { databaseError } from './errors.ts'

const BORDER_PROPERTIES = ['id', 'tenantId', 'guildId']

export type ConditionalChange<Entity> = {
  /** Properties that take a new value. */
  set?: Partial<Entity>
  /** Numeric properties that grow by an amount (negative to shrink). */
  add?: Partial<Record<keyof Entity & string, number | bigint>>
}

/**
 * `UPDATE … SET … WHERE …` in one statement, so that a rule and the change it allows cannot be torn
 * apart by another writer. The tenant filter is part of the condition.
 * @returns how many rows met the condition
 * @throws TENANT_ISOLATION_VIOLATED when the change would move a row
 */
export async function updateWhere<Entity extends object>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  {
    where,
    set = {},
    add = {},
  }: { where: FilterQuery<NoInfer<Entity>> } & ConditionalChange<Entity>,
): Promise<number> {
  const properties = em.getMetadata().get<Entity>(entity).properties as Record<
    string,
    { fieldNames: string[] }
  >
  const changes: Record<string, unknown> = { ...set }
  for (const [property, amount] of Object.entries(add)) {
    const column = em.getPlatform().quoteIdentifier(properties[property]?.fieldNames[0] ?? property)
    changes[property] = raw(`${column} + ?`, [String(amount)])
  }
  if (BORDER_PROPERTIES.some((property) => property in changes)) {
    throw databaseError('TENANT_ISOLATION_VIOLATED', { entity: entity.name })
  }
  return em.nativeUpdate(entity, where, changes as never)
}

/** `DELETE … WHERE …` in one statement, within the reach of `em`. @returns how many rows went */
export async function deleteWhere<Entity extends object>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  where: FilterQuery<NoInfer<Entity>>,
): Promise<number> {
  return em.nativeDelete(entity, where)
}

/** Writes what is pending; false when a unique key stands already, with nothing written. */
export async function flushUnlessTaken(em: SqlEntityManager): Promise<boolean> {
  try {
    await em.flush()
    return true
  } catch (failure) {
    if (failure instanceof UniqueConstraintViolationException) return false
    throw failure
  }
}
