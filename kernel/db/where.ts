import { type EntityClass, type FilterQuery, raw } from '@mikro-orm/core'
import type { SqlEntityManager } from '@mikro-orm/sql'
import { databaseError } from './errors.ts'

/** One comparison of the typed `where` grammar; every given operator must hold. */
export type Comparison = {
  eq?: unknown
  in?: readonly unknown[] | null
  lt?: unknown
  gt?: unknown
  contains?: string | null
}

/** A `where` argument: comparisons by property, joined by and, plus `and`, `or`, `not`. */
export type Where = { [property: string]: unknown }

const DEEPEST = 5
const MOST_CONDITIONS = 100
const LONGEST_LIST = 100
const LONGEST_TERM = 200

type Condition = Record<string | symbol, unknown>
type Translation = { columnOf: (property: string) => string; conditions: number }

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

/**
 * Text as a literal of hexadecimal digits. The ORM writes the parameters of a raw fragment into its
 * text and that text into another statement: a `?` in it would be taken for a parameter of that one.
 */
function toHexLiteral(text: string): string {
  return `x'${Buffer.from(text, 'utf8').toString('hex')}'`
}

function translateComparison(
  property: string,
  comparison: Comparison,
  translation: Translation,
): Condition[] {
  const conditions: Condition[] = []
  if (comparison.in && comparison.in.length > LONGEST_LIST) throw databaseError('WHERE_TOO_LARGE')
  if (comparison.contains && comparison.contains.length > LONGEST_TERM) {
    throw databaseError('WHERE_TOO_LARGE')
  }
  if ('eq' in comparison && comparison.eq !== undefined)
    conditions.push({ [property]: comparison.eq })
  if (comparison.in) conditions.push({ [property]: { $in: [...comparison.in] } })
  if (isGiven(comparison.lt)) conditions.push({ [property]: { $lt: comparison.lt } })
  if (isGiven(comparison.gt)) conditions.push({ [property]: { $gt: comparison.gt } })
  if (isGiven(comparison.contains)) {
    const column = translation.columnOf(property)
    const term = toHexLiteral(String(comparison.contains))
    const position = raw((alias) => `instr(${alias}.${column}, ${term})`)
    conditions.push({ [position as unknown as symbol]: { $gt: 0 } })
  }
  return conditions
}

function translate(where: Where, translation: Translation, depth: number): Condition {
  if (depth > DEEPEST) throw databaseError('WHERE_TOO_LARGE')
  const conditions: Condition[] = []
  for (const [name, value] of Object.entries(where)) {
    if (!isGiven(value)) continue
    if (++translation.conditions > MOST_CONDITIONS) throw databaseError('WHERE_TOO_LARGE')
    if (name === 'and' || name === 'or') {
      const parts = (value as Where[]).map((part) => translate(part, translation, depth + 1))
      conditions.push({ [name === 'and' ? '$and' : '$or']: parts })
    } else if (name === 'not') {
      conditions.push({ $not: translate(value as Where, translation, depth + 1) })
    } else {
      conditions.push(...translateComparison(name, value as Comparison, translation))
    }
  }
  if (conditions.length === 0) return {}
  return conditions.length === 1 ? (conditions[0] as Condition) : { $and: conditions }
}

/**
 * The condition that a client's `where` stands for. Names and values were checked by the GraphQL
 * input type; size and depth are bounded here. `contains` compares letters exactly, on every engine.
 * @throws WHERE_TOO_LARGE
 */
export function toCondition<Entity extends object>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  where: Where | null | undefined,
): FilterQuery<Entity> {
  const properties = em.getMetadata().get(entity).properties as Record<
    string,
    { fieldNames: string[] }
  >
  const columnOf = (property: string) =>
    em.getPlatform().quoteIdentifier(properties[property]?.fieldNames[0] ?? property)
  return translate(where ?? {}, { columnOf, conditions: 0 }, 1) as FilterQuery<Entity>
}
