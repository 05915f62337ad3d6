import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { OfferedPrice } from '../services/consensus.ts'
import type { PriceMovement } from '../services/markets.ts'
import { OddsQuoteConnection, OddsQuoteType, OddsSideEnum } from './odds-quote.ts'
import { SelectionType } from './selection.ts'

const OfferType = builder.objectRef<OfferedPrice>('PriceOffer').implement({
  description: 'A price that stands.',
  shares: 'everyone',
  fields: (t) => ({
    odds: t.exposeInt('odds', { description: 'Decimal odds in thousandths: 2100 is 2.10.' }),
    source: t.exposeString('source', { description: 'Who offers it.' }),
    at: t.field({ type: 'DateTime', description: 'Since when.', resolve: ({ at }) => at }),
  }),
})

const DirectionEnum = builder.enumType('PriceDirection', {
  description: 'Where a price went.',
  values: {
    SHORTENED: { value: 'shortened', description: 'Lower odds: now thought likelier.' },
    DRIFTED: { value: 'drifted', description: 'Higher odds: now thought less likely.' },
    UNCHANGED: { value: 'unchanged', description: 'Where it began.' },
  } as const,
})

const MovementType = builder.objectRef<PriceMovement>('PriceMovement').implement({
  description: "How one source's price moved since its first.",
  shares: 'everyone',
  fields: (t) => ({
    source: t.exposeString('source', { description: 'Who offers it.' }),
    side: t.field({ type: OddsSideEnum, description: 'For what.', resolve: ({ side }) => side }),
    openingOdds: t.exposeInt('openingOdds', { description: 'The first odds, in thousandths.' }),
    currentOdds: t.int({
      description: 'The odds that stand, in thousandths.',
      resolve: ({ odds }) => odds,
    }),
    changeThousandths: t.int({
      description: 'Current less opening odds, in thousandths.',
      resolve: ({ change }) => change,
    }),
    changePercent: t.float({
      description: 'Change as a percentage of the opening odds.',
      resolve: ({ ratio }) => (ratio - 1) * 100,
    }),
    probabilityChange: t.exposeFloat('probabilityChange', {
      description: 'Change of the implied probability, margin included.',
    }),
    direction: t.field({
      type: DirectionEnum,
      description: 'Where it went.',
      resolve: ({ direction }) => direction,
    }),
    changes: t.exposeInt('changes', { description: 'How often it changed.' }),
    at: t.field({
      type: 'DateTime',
      description: 'When it changed last.',
      resolve: ({ at }) => at,
    }),
  }),
})

builder.objectFields(SelectionType, (t) => ({
  bestBack: t.field({
    type: OfferType,
    nullable: true,
    auth: MAY.readOdds,
    description: 'The highest price to bet on it; null where only aggregates price it.',
    resolve: ({ id }, _args, { markets }) => markets.bestOf(id, 'back'),
  }),
  bestLay: t.field({
    type: OfferType,
    nullable: true,
    auth: MAY.readOdds,
    description: 'The lowest price to bet against it; null where nobody takes that.',
    resolve: ({ id }, _args, { markets }) => markets.bestOf(id, 'lay'),
  }),
  movements: t.field({
    type: [MovementType],
    nullable: true,
    auth: MAY.readOdds,
    description: 'How its prices moved, by source; aggregates included.',
    listSize: { assumedSize: 20 },
    args: { sources: t.arg.stringList({ description: 'Of these alone.' }) },
    resolve: ({ id }, { sources }, { markets }) => markets.movementsOf(id, sources),
  }),
  quotes: t.connection(
    {
      type: OddsQuoteType,
      nullable: true,
      auth: MAY.readOdds,
      description: 'Every change of its prices, oldest first; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { oddsHistory }) =>
        toConnection(await oddsHistory.ofSelection(id, toForwardPage(page))),
    },
    OddsQuoteConnection,
  ),
}))
