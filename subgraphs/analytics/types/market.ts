import { builder } from '../builder.ts'
import { MARKET_TYPES, type Market } from '../entities/market.ts'
import { MAY } from '../scopes.ts'
import type { MarketConsensus, SelectionChance, SourceBook } from '../services/markets.ts'
import { SelectionType } from './selection.ts'

/** Selections of one market at most. */
const SELECTIONS = { assumedSize: 3 }
/** Sources of one market, as far as costs go. */
const SOURCES = { assumedSize: 20 }

export const MARKET_TEXTS: Readonly<Record<Market['type'], string>> = {
  match_result: 'Who wins, or nobody, after regular time.',
  over_under: 'More or fewer goals than the line.',
  both_score: 'Whether both teams score.',
  handicap: 'Who wins when the line is added to the goals of the home team (Asian handicap).',
  draw_no_bet: 'Who wins; a draw gives the stake back.',
}

export const MarketTypeEnum = builder.enumType('MarketType', {
  description: 'What a market asks.',
  values: Object.fromEntries(
    MARKET_TYPES.map((value) => [value.toUpperCase(), { value, description: MARKET_TEXTS[value] }]),
  ) as Record<Uppercase<Market['type']>, { value: Market['type']; description: string }>,
})

const MarketBookType = builder.objectRef<SourceBook>('MarketBook').implement({
  description: "One source's back prices of a whole market.",
  shares: 'everyone',
  fields: (t) => ({
    source: t.exposeString('source', { description: 'Who offers them.' }),
    isAggregate: t.exposeBoolean('isAggregate', {
      description:
        'Whether it summarises other sources; such a one never counts as a source itself.',
    }),
    odds: t.intList({
      description: "In thousandths (2100 is 2.10), in the order of the market's selections.",
      listSize: SELECTIONS,
      resolve: ({ odds }) => [...odds],
    }),
    overround: t.exposeFloat('overround', {
      description: 'Its margin: the sum of the implied probabilities less one.',
    }),
  }),
})

const SelectionChanceType = builder.objectRef<SelectionChance>('SelectionChance').implement({
  description: 'What the sources think of one selection.',
  shares: 'everyone',
  fields: (t) => ({
    selection: t.field({
      type: SelectionType,
      description: 'Which selection.',
      resolve: ({ selection }) => selection,
    }),
    probability: t.exposeFloat('probability', { description: 'Its probability, 0 to 1.' }),
    fairOdds: t.exposeInt('fairOdds', {
      description: 'The odds without margin, in thousandths (2100 is 2.10).',
    }),
  }),
})

const ConsensusMethodEnum = builder.enumType('ConsensusMethod', {
  description: 'How the margin is taken out of prices.',
  values: {
    POWER: {
      value: 'power',
      description:
        'Probabilities to the power at which they sum to one, then the mean of the sources.',
    },
  } as const,
})

const ConsensusType = builder.objectRef<MarketConsensus>('MarketConsensus').implement({
  description: 'What the sources of a market think together.',
  shares: 'everyone',
  fields: (t) => ({
    method: t.field({
      type: ConsensusMethodEnum,
      description: 'How the margin was taken out.',
      resolve: () => 'power' as const,
    }),
    sources: t.exposeInt('sources', {
      description: 'How many sources priced every selection; aggregates do not count.',
    }),
    meanOverround: t.exposeFloat('meanOverround', { description: 'Mean margin of the sources.' }),
    probabilities: t.field({
      type: [SelectionChanceType],
      description: 'One for each selection; they sum to one.',
      listSize: SELECTIONS,
      resolve: ({ chances }) => [...chances],
    }),
  }),
})

export const MarketRowType = builder.objectRef<Market>('Market').implement({
  description: 'A question about a fixture.',
  shares: 'everyone',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    type: t.field({
      type: MarketTypeEnum,
      description: 'What it asks.',
      resolve: ({ type }) => type,
    }),
    line: t.int({
      description: 'Its line in thousandths of a goal (2500 is 2.5); 0 where it has none.',
      resolve: ({ line }) => line,
    }),
    selections: t.field({
      type: [SelectionType],
      description: 'Its answers.',
      listSize: SELECTIONS,
      resolve: ({ id }, _args, { markets }) => markets.selectionsOf(id),
    }),
    books: t.field({
      type: [MarketBookType],
      nullable: true,
      auth: MAY.readOdds,
      description: 'The sources that price every selection, with their margins.',
      listSize: SOURCES,
      resolve: ({ id }, _args, { markets }) => markets.booksOf(id),
    }),
    consensus: t.field({
      type: ConsensusType,
      nullable: true,
      auth: MAY.readOdds,
      description: 'What the sources think together; null without a source that is no aggregate.',
      resolve: ({ id }, _args, { markets }) => markets.consensusOf(id),
    }),
  }),
})
