import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'
import type { Side } from './odds-quote.ts'

const CurrentPriceSchema = defineEntity({
  name: 'CurrentPrice',
  tableName: 'current_prices',
  uniques: [{ name: 'uniq_price_offer', properties: ['selectionId', 'source', 'side'] }],
  properties: {
    id: idColumn(),
    selectionId: refColumn(),
    source: p.string().length(64),
    side: p.string().length(4).$type<Side>(),
    /** The first price seen, in thousandths. */
    openingOdds: p.integer(),
    /** The price that stands, in thousandths. */
    odds: p.integer(),
    /** Since when it stands. */
    at: timeColumn(),
    /** How often it changed after the first. */
    changes: p.integer(),
  },
})

/** The newest price of one selection by one source on one side: read at once, without its history. */
export class CurrentPrice extends CurrentPriceSchema.class {}
CurrentPriceSchema.setClass(CurrentPrice)
