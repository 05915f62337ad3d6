import { createAggregateType } from '#kernel/graphql/aggregate-type.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { QuoteFacts } from '../services/live-odds.ts'
import { QUOTE_GROUPS, QUOTE_MEASURES } from '../services/odds-history.ts'
import { FixtureType } from './fixture.ts'
import { MarketRowType } from './market.ts'
import { SelectionType } from './selection.ts'

export const OddsSideEnum = builder.enumType('OddsSide', {
  description: 'What a price is for.',
  values: {
    BACK: { value: 'back', description: 'Betting on the selection.' },
    LAY: { value: 'lay', description: 'Betting against it, on an exchange.' },
  } as const,
})

/** A quote from its table or from the live feed. */
type QuoteShape = Omit<QuoteFacts, 'previousOdds'> & { previousOdds?: number | null | undefined }

export const OddsQuoteType = builder.objectRef<QuoteShape>('OddsQuote').implement({
  description: 'A price of one source from an instant on.',
  shares: 'everyone',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id; later changes have larger ones.' }),
    fixtureId: t.exposeID('fixtureId', { description: 'The fixture it is about.' }),
    marketId: t.exposeID('marketId', { description: 'The market it is part of.' }),
    selectionId: t.exposeID('selectionId', { description: 'The selection it prices.' }),
    source: t.exposeString('source', { description: 'Who offers it.' }),
    side: t.field({ type: OddsSideEnum, description: 'For what.', resolve: ({ side }) => side }),
    odds: t.exposeInt('odds', { description: 'Decimal odds in thousandths: 2100 is 2.10.' }),
    previousOdds: t.int({
      nullable: true,
      description: 'The odds before, in thousandths; null for the first price.',
      resolve: ({ previousOdds }) => previousOdds ?? null,
    }),
    at: t.field({ type: 'DateTime', description: 'Since when.', resolve: ({ at }) => at }),
    fixture: t.field({
      type: FixtureType,
      nullable: true,
      auth: MAY.readFixtures,
      description: 'The fixture it is about.',
      resolve: ({ fixtureId }, _args, { fixtures }) => fixtures.byId(fixtureId),
    }),
    market: t.field({
      type: MarketRowType,
      nullable: true,
      auth: MAY.readFixtures,
      description: 'The market it is part of.',
      resolve: ({ marketId }, _args, { markets }) => markets.byId(marketId),
    }),
    selection: t.field({
      type: SelectionType,
      nullable: true,
      auth: MAY.readFixtures,
      description: 'The selection it prices.',
      resolve: ({ selectionId }, _args, { markets }) => markets.selectionById(selectionId),
    }),
  }),
})

export const OddsQuoteConnection = builder.connectionObject({
  type: OddsQuoteType,
  name: 'OddsQuoteConnection',
})

const OddsQuoteWhere = createWhereInput(builder, 'OddsQuoteWhere', {
  id: 'ID',
  fixtureId: 'ID',
  marketId: 'ID',
  selectionId: 'ID',
  source: 'String',
  side: OddsSideEnum as never,
  odds: 'Int',
  at: 'DateTime',
})

const OddsQuoteOrder = createOrderInput(builder, 'OddsQuoteOrder', { AT: 'at', ODDS: 'odds' })

const OddsQuoteAggregate = createAggregateType(builder, 'OddsQuote', {
  groups: QUOTE_GROUPS,
  measured: QUOTE_MEASURES,
})

builder.queryFields((t) => ({
  oddsQuotes: t.connection(
    {
      type: OddsQuoteType,
      nullable: true,
      auth: MAY.readOdds,
      shares: 'everyone',
      description: 'Changes of prices.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: OddsQuoteWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [OddsQuoteOrder],
          description: 'In which order; newest first if absent.',
        }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { oddsHistory }) =>
        toConnection(
          await oddsHistory.page({ where, orderBy: toPageOrder(orderBy, [['at', 'desc']]), page }),
        ),
    },
    OddsQuoteConnection,
  ),
  quoteAggregates: t.field({
    type: [OddsQuoteAggregate.row],
    nullable: true,
    auth: MAY.readOdds,
    shares: 'everyone',
    description: 'Counts and figures of price changes by group, largest groups first.',
    listSize: { assumedSize: 50 },
    args: {
      where: t.arg({ type: OddsQuoteWhere, description: 'Which of them.' }),
      groupBy: t.arg({
        type: [OddsQuoteAggregate.groupEnum],
        required: true,
        description: 'By what; an empty list is one group of all.',
      }),
    },
    resolve: (_root, query, { oddsHistory }) => oddsHistory.aggregates(query),
  }),
}))
