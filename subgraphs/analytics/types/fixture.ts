import { createAggregateType } from '#kernel/graphql/aggregate-type.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { FIXTURE_GROUPS, FIXTURE_MEASURES } from '../services/fixtures.ts'
import type { FixtureFacts } from '../services/live-odds.ts'
import { MarketRowType } from './market.ts'

const FixtureStatusEnum = builder.enumType('FixtureStatus', {
  description: 'How far a fixture is.',
  values: {
    SCHEDULED: { value: 'scheduled', description: 'No result is known.' },
    FINISHED: { value: 'finished', description: 'Its result is known.' },
    ABANDONED: {
      value: 'abandoned',
      description: 'It will not be played to its end; bets on it are void.',
    },
  } as const,
})

const FixtureTimingEnum = builder.enumType('FixtureTiming', {
  description: 'Where the times of a fixture come from.',
  values: {
    STATED: { value: 'stated', description: 'The feed states them.' },
    ASSUMED: {
      value: 'assumed',
      description: 'The feed knows days alone; hours are those of a convention.',
    },
  } as const,
})

type Score = { home: number; away: number }

const ScoreType = builder.objectRef<Score>('Score').implement({
  description: 'Goals after regular time.',
  shares: 'everyone',
  fields: (t) => ({
    home: t.exposeInt('home', { description: 'Of the home team.' }),
    away: t.exposeInt('away', { description: 'Of the away team.' }),
  }),
})

/** A fixture from its table or from the live feed. */
export type FixtureShape = Pick<
  FixtureFacts,
  | 'id'
  | 'competition'
  | 'home'
  | 'away'
  | 'startsAt'
  | 'timing'
  | 'status'
  | 'isReplayed'
  | 'isSimulated'
  | 'source'
> & {
  season?: string | null | undefined
  homeGoals?: number | null | undefined
  awayGoals?: number | null | undefined
}

function scoreOf({ homeGoals, awayGoals }: FixtureShape): Score | null {
  if (homeGoals == null || awayGoals == null) return null
  return { home: homeGoals, away: awayGoals }
}

export const FixtureType = builder.objectRef<FixtureShape>('Fixture').implement({
  description: 'A match, as one feed tells of it.',
  auth: MAY.readFixtures,
  shares: 'everyone',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    source: t.exposeString('source', { description: 'The feed that tells of it.' }),
    competition: t.exposeString('competition', { description: 'What it is part of.' }),
    season: t.string({
      nullable: true,
      description: 'As in 2023-24; null where the feed does not say.',
      resolve: ({ season }) => season ?? null,
    }),
    home: t.exposeString('home', { description: 'The home team.' }),
    away: t.exposeString('away', { description: 'The away team.' }),
    startsAt: t.field({
      type: 'DateTime',
      description: 'Kick-off.',
      resolve: ({ startsAt }) => startsAt,
    }),
    timing: t.field({
      type: FixtureTimingEnum,
      description: 'Where its times come from.',
      resolve: ({ timing }) => timing,
    }),
    isReplayed: t.exposeBoolean('isReplayed', {
      description: 'Whether a replay moved it to another time on purpose.',
    }),
    isSimulated: t.exposeBoolean('isSimulated', { description: 'Whether it is invented.' }),
    status: t.field({
      type: FixtureStatusEnum,
      description: 'How far it is.',
      resolve: ({ status }) => status,
    }),
    score: t.field({
      type: ScoreType,
      nullable: true,
      description: 'Its result; null while unknown.',
      resolve: scoreOf,
    }),
    markets: t.field({
      type: [MarketRowType],
      description: 'The questions that are priced.',
      listSize: { assumedSize: 5 },
      resolve: ({ id }, _args, { markets }) => markets.ofFixture(id),
    }),
  }),
})

builder.asEntity(FixtureType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }, { fixtures }) => fixtures.byId(id),
})

export const FixtureConnection = builder.connectionObject({
  type: FixtureType,
  name: 'FixtureConnection',
})

export const FixtureWhere = createWhereInput(builder, 'FixtureWhere', {
  id: 'ID',
  competition: 'String',
  season: 'String',
  home: 'String',
  away: 'String',
  source: 'String',
  status: FixtureStatusEnum as never,
  timing: FixtureTimingEnum as never,
  startsAt: 'DateTime',
  isSimulated: 'Boolean',
})

const FixtureOrder = createOrderInput(builder, 'FixtureOrder', {
  STARTS_AT: 'startsAt',
  COMPETITION: 'competition',
})

const FixtureAggregate = createAggregateType(builder, 'Fixture', {
  groups: FIXTURE_GROUPS,
  measured: FIXTURE_MEASURES,
})

builder.queryFields((t) => ({
  fixture: t.field({
    type: FixtureType,
    nullable: true,
    auth: MAY.readFixtures,
    shares: 'everyone',
    description: 'One fixture.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { fixtures }) => fixtures.byId(id),
  }),
  fixtures: t.connection(
    {
      type: FixtureType,
      nullable: true,
      auth: MAY.readFixtures,
      shares: 'everyone',
      description: 'Fixtures of all feeds.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: FixtureWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [FixtureOrder],
          description: 'In which order; by kick-off if absent.',
        }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { fixtures }) =>
        toConnection(
          await fixtures.page({
            where,
            orderBy: toPageOrder(orderBy, [['startsAt', 'asc']]),
            page,
          }),
        ),
    },
    FixtureConnection,
  ),
  fixtureAggregates: t.field({
    type: [FixtureAggregate.row],
    nullable: true,
    auth: MAY.readFixtures,
    shares: 'everyone',
    description: 'Counts and goals of fixtures by group, largest groups first.',
    listSize: { assumedSize: 50 },
    args: {
      where: t.arg({ type: FixtureWhere, description: 'Which of them.' }),
      groupBy: t.arg({
        type: [FixtureAggregate.groupEnum],
        required: true,
        description: 'By what; an empty list is one group of all.',
      }),
    },
    resolve: (_root, query, { fixtures }) => fixtures.aggregates(query),
  }),
}))
