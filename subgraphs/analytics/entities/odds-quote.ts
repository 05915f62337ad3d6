import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

/** Whether the price is for backing the selection or, on an exchange, for laying it. */
export const SIDES = ['back', 'lay'] as const
export type Side = (typeof SIDES)[number]

const OddsQuoteSchema = defineEntity({
  name: 'OddsQuote',
  tableName: 'odds_quotes',
  indexes: [
    { name: 'idx_quote_selection', properties: ['selectionId', 'id'] },
    { name: 'idx_quote_fixture', properties: ['fixtureId', 'id'] },
    { name: 'idx_quote_time', properties: ['at', 'id'] },
  ],
  properties: {
    id: idColumn(),
    fixtureId: refColumn(),
    marketId: refColumn(),
    selectionId: refColumn(),
    /** Who offers the price. */
    source: p.string().length(64),
    side: p.string().length(4).$type<Side>(),
    /** Decimal odds in thousandths: 2.10 is 2100. */
    odds: p.integer(),
    /** The price before; null for the first one. */
    previousOdds: p.integer().nullable(),
    at: timeColumn(),
  },
})

/** A change of one price; rows are only added. */
export class OddsQuote extends OddsQuoteSchema.class {}
OddsQuoteSchema.setClass(OddsQuote)
