import type { AggregateRow } from '#kernel/db/aggregates.ts'
import { toGroupValues } from '#kernel/graphql/group-values.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { ConsentWhere } from './consent.ts'

const ConsentGroupEnum = builder.enumType('ConsentGroup', {
  description: 'What consents can be counted by.',
  values: {
    PURPOSE: { value: 'purpose', description: 'By purpose.' },
    VERSION: { value: 'version', description: 'By version.' },
    IS_STANDING: { value: 'isStanding', description: 'Standing ones and ended ones.' },
    CHANNEL: { value: 'channel', description: 'By where they were given.' },
    TENANT_ID: { value: 'tenantId', description: 'By tenant.' },
  } as const,
})

const ConsentCountType = builder
  .objectRef<Pick<AggregateRow, 'group' | 'count'>>('ConsentAggregate')
  .implement({
    description: 'How many consents a group has.',
    fields: (t) => ({
      group: t.field({
        type: 'JSONObject',
        description: 'The values grouped by, as the fields of the same names answer them.',
        resolve: ({ group }, _args, _context, { schema }) =>
          toGroupValues(group, { whereName: 'ConsentWhere', schema }),
      }),
      count: t.exposeInt('count', { description: 'How many rows the group has.' }),
    }),
  })

builder.queryField('consentAggregates', (t) =>
  t.field({
    type: [ConsentCountType],
    nullable: true,
    auth: MAY.readConsents,
    description: 'How many consents lie within reach, by group.',
    args: {
      where: t.arg({ type: ConsentWhere, description: 'Which of them.' }),
      groupBy: t.arg({
        type: [ConsentGroupEnum],
        required: true,
        description: 'By what; an empty list is one group of all.',
      }),
    },
    resolve: (_root, question, { consents }) => consents.counts(question),
  }),
)
