import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn } from '#kernel/db/columns.ts'

/** Answers to a market's question. */
export const SELECTION_NAMES = ['home', 'draw', 'away', 'over', 'under', 'yes', 'no'] as const
export type SelectionName = (typeof SELECTION_NAMES)[number]

const SelectionSchema = defineEntity({
  name: 'Selection',
  tableName: 'selections',
  uniques: [{ name: 'uniq_selection_answer', properties: ['marketId', 'name'] }],
  properties: {
    id: idColumn(),
    marketId: refColumn(),
    name: p.string().length(16).$type<SelectionName>(),
  },
})

/** One answer to a market's question. */
export class Selection extends SelectionSchema.class {}
SelectionSchema.setClass(Selection)
