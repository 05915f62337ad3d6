import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn } from '#kernel/db/columns.ts'

/** Kinds of market a feed may quote; `handicap` is the Asian handicap of the home team. */
export const MARKET_TYPES = [
  'match_result',
  'over_under',
  'both_score',
  'handicap',
  'draw_no_bet',
] as const
export type MarketType = (typeof MARKET_TYPES)[number]

const MarketSchema = defineEntity({
  name: 'Market',
  tableName: 'markets',
  uniques: [{ name: 'uniq_market_question', properties: ['fixtureId', 'type', 'line'] }],
  properties: {
    id: idColumn(),
    fixtureId: refColumn(),
    type: p.string().length(32).$type<MarketType>(),
    /** Thousandths of a goal (2.5 is 2500); 0 also where the type has none, so that the key is whole. */
    line: p.integer(),
  },
})

/** A question about a fixture. */
export class Market extends MarketSchema.class {}
MarketSchema.setClass(Market)
