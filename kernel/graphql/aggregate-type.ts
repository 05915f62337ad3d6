import type { AggregateRow, Measure } from '../db/aggregates.ts'
import type { Builder, RequestContext } from './builder.ts'
import { toGroupValues } from './group-values.ts'

type AnyBuilder = Builder<RequestContext>

const MEASURE_TEXTS: Readonly<Record<Measure, string>> = {
  sum: 'Sums of the group.',
  avg: 'Means of the group.',
  min: 'Smallest values of the group.',
  max: 'Largest values of the group.',
}

/**
 * The types of an aggregate list: `<name>Aggregate { group count sum avg min max }`. The group is an
 * object of the properties grouped by, with values as `<name>Where` takes them; each measure holds
 * one Float per measured property.
 */
export function createAggregateType<Context extends RequestContext>(
  builder: Builder<Context>,
  name: string,
  { groups, measured }: { groups: readonly string[]; measured: readonly string[] },
) {
  const any = builder as unknown as AnyBuilder
  const groupEnum = any.enumType(`${name}Group`, {
    description: 'What to group by.',
    values: Object.fromEntries(
      groups.map((group) => [toConstantCase(group), { value: group, description: `By ${group}.` }]),
    ),
  })
  const measures = any.objectRef<Record<string, number | null>>(`${name}Measures`).implement({
    description: 'One figure per measured property; null when the group has no value.',
    // Whose rows were counted, the field says that gives the groups.
    shares: 'everyone',
    fields: (t) =>
      Object.fromEntries(
        measured.map((property) => [
          property,
          t.float({
            nullable: true,
            description: `Of ${property}.`,
            resolve: (row) => row[property] ?? null,
          }),
        ]),
      ),
  })
  const row = any.objectRef<AggregateRow>(`${name}Aggregate`).implement({
    description: 'Figures of one group.',
    shares: 'everyone',
    fields: (t) => ({
      group: t.field({
        type: 'JSONObject',
        description: 'The values grouped by, as `where` takes them.',
        resolve: ({ group }, _args, _context, { schema }) =>
          toGroupValues(group, { whereName: `${name}Where`, schema }),
      }),
      count: t.exposeInt('count', { description: 'How many rows the group has.' }),
      ...Object.fromEntries(
        (Object.keys(MEASURE_TEXTS) as Measure[]).map((measure) => [
          measure,
          t.field({
            type: measures,
            description: MEASURE_TEXTS[measure],
            resolve: (aggregateRow) => aggregateRow.measures[measure],
          }),
        ]),
      ),
    }),
  })
  return { row, groupEnum }
}

function toConstantCase(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
