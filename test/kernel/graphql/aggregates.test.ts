import { graphql } from 'graphql'
import { expect, test } from 'vitest'
import type { AggregateRow } from '#kernel/db/aggregates.ts'
import { createAggregateType } from '#kernel/graphql/aggregate-type.ts'
import { createBuilder, type RequestContext, toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { createWhereInput } from '#kernel/graphql/list-arguments.ts'
import { anonymous, contextOf } from './kit.ts'

type Group = AggregateRow['group']

/** Counts of bets by whatever the database is said to tell. */
function createCounts(groups: readonly Group[]) {
  const builder = createBuilder<RequestContext>()
  const StatusEnum = builder.enumType('BetStatus', {
    values: { OPEN: { value: 'open' }, CASHED_OUT: { value: 'cashed-out' } } as const,
  })
  const where = createWhereInput(builder, 'BetWhere', {
    ...{ status: StatusEnum as never, isWon: 'Boolean', code: 'String', userId: 'ID' },
  })
  const counts = createAggregateType(builder, 'Bet', {
    groups: ['status', 'isWon', 'code', 'userId'],
    measured: ['stake'],
  })
  const none = { sum: {}, avg: {}, min: {}, max: {} }
  const rows = groups.map((group) => ({ group, count: 1, measures: none, exactSums: {} }))
  builder.queryField('betAggregates', (t) =>
    t.field({
      type: [counts.row],
      auth: { public: true },
      args: { where: t.arg({ type: where }), groupBy: t.arg({ type: [counts.groupEnum] }) },
      resolve: () => rows,
    }),
  )
  return toSubgraphSchema(builder)
}

async function groupOf(group: Group) {
  const { data, errors } = await graphql({
    schema: createCounts([group]),
    source: '{ betAggregates { group } }',
    contextValue: contextOf(anonymous),
  })
  expect(errors).toBeUndefined()
  const [row] = (data as { betAggregates: { group: object }[] }).betAggregates
  return { ...row?.group }
}

test('a group tells values as where takes them: names of an enum, truth, texts as they are', async () => {
  expect(await groupOf({ status: 'cashed-out', isWon: '1', code: '1', userId: '7' })).toEqual({
    ...{ status: 'CASHED_OUT', isWon: true, code: '1', userId: '7' },
  })
  expect(await groupOf({ status: 'open', isWon: '0', code: 'open' })).toEqual({
    ...{ status: 'OPEN', isWon: false, code: 'open' },
  })
})

test('a group without a value tells null', async () => {
  expect(await groupOf({ status: null, isWon: null, code: null })).toEqual({
    ...{ status: null, isWon: null, code: null },
  })
})
