import { type EntityClass, type FilterQuery, raw } from '@mikro-orm/core'
import type { SqlEntityManager } from '@mikro-orm/sql'

export const MEASURES = ['sum', 'avg', 'min', 'max'] as const
export type Measure = (typeof MEASURES)[number]

export type AggregateQuery<Entity> = {
  where: FilterQuery<NoInfer<Entity>>
  groupBy: readonly (keyof Entity & string)[]
  /** Numeric properties to measure. */
  measured: readonly (keyof Entity & string)[]
}

export type AggregateRow = {
  group: Record<string, string | null>
  count: number
  measures: Record<Measure, Record<string, number | null>>
  /** The sums again, exact, null where they are no whole numbers: money is never a float. */
  exactSums: Record<string, bigint | null>
}

/** How many groups one answer may hold. */
export const MOST_GROUPS = 1_000

type RawRow = Record<string, string | number | bigint | null>

function readRow(row: RawRow, { groupBy, measured }: AggregateQuery<never>): AggregateRow {
  const numberOf = (value: unknown) =>
    value === null || value === undefined ? null : Number(value)
  const measures = Object.fromEntries(
    MEASURES.map((measure) => [
      measure,
      Object.fromEntries(
        (measured as readonly string[]).map((name) => [name, numberOf(row[`${measure}_${name}`])]),
      ),
    ]),
  ) as AggregateRow['measures']
  const exactSums = Object.fromEntries(
    (measured as readonly string[]).map((name) => [name, toWhole(row[`sum_${name}`])]),
  )
  const group = Object.fromEntries(
    (groupBy as readonly string[]).map((name) => {
      const value = row[`group_${name}`] ?? null
      return [name, value === null ? null : String(value)]
    }),
  )
  return { group, count: Number(row.count), measures, exactSums }
}

/** A sum as the driver gives it: a number, or text where it has more digits than a number holds. */
function toWhole(value: string | number | bigint | null | undefined): bigint | null {
  const text = String(value ?? 0)
  return /^-?\d+(\.0+)?$/.test(text) ? BigInt(text.replace(/\..*$/, '')) : null
}

/** `count sum avg min max` by group within the reach of `em`, in one query, largest groups first. */
export async function aggregate<Entity extends object>(
  em: SqlEntityManager,
  entity: EntityClass<Entity>,
  query: AggregateQuery<Entity>,
): Promise<AggregateRow[]> {
  const properties = em.getMetadata().get(entity).properties as Record<
    string,
    { fieldNames: string[] }
  >
  const columnOf = (name: string) =>
    `item.${em.getPlatform().quoteIdentifier(properties[name]?.fieldNames[0] ?? name)}`
  const selections = [
    'count(*) as count',
    ...query.groupBy.map((name) => `${columnOf(name)} as group_${name}`),
    ...MEASURES.flatMap((measure) =>
      query.measured.map((name) => `${measure}(${columnOf(name)}) as ${measure}_${name}`),
    ),
  ]
  const builder = em
    .createQueryBuilder(entity, 'item')
    .select(raw(selections.join(', ')) as never)
    .where(query.where as never)
  await builder.applyFilters()
  const { sql, params } = builder.getNativeQuery().compile()
  const grouping =
    query.groupBy.length === 0 ? '' : ` group by ${query.groupBy.map(columnOf).join(', ')}`
  const rows: RawRow[] = await em
    .getConnection()
    .execute(
      `${sql}${grouping} order by count desc limit ${MOST_GROUPS}`,
      [...params],
      'all',
      em.getTransactionContext(),
    )
  return rows.map((row) => readRow(row, query as AggregateQuery<never>))
}
