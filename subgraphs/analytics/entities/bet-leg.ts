import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'
import type { MarketType } from './market.ts'
import type { SelectionName } from './selection.ts'

/** How a leg ended, or `open`. A push gives the leg's stake back as a void one does. */
export const LEG_OUTCOMES = [
  'open',
  'won',
  'lost',
  'void',
  'push',
  'half_won',
  'half_lost',
] as const
export type LegOutcome = (typeof LEG_OUTCOMES)[number]

const BetLegSchema = defineEntity({
  name: 'BetLeg',
  tableName: 'bet_legs',
  uniques: [{ name: 'uniq_leg_position', properties: ['betId', 'position'] }],
  indexes: [{ name: 'idx_leg_fixture', properties: ['fixtureId', 'id'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    betId: refColumn(),
    /** From 1, as the bettor named them. */
    position: p.integer(),
    fixtureId: refColumn(),
    marketId: refColumn(),
    selectionId: refColumn(),
    marketType: p.string().length(32).$type<MarketType>(),
    /** Thousandths of a goal; 0 where the market has none. */
    line: p.integer(),
    selection: p.string().length(16).$type<SelectionName>(),
    /** Whose price it is. */
    source: p.string().length(64),
    /** What the bettor saw, in thousandths. */
    askedOdds: p.integer(),
    /** What the bet stands at, in thousandths. */
    odds: p.integer(),
    /** The teams and kick-off as they stood when the bet was placed. */
    home: p.string().length(64),
    away: p.string().length(64),
    startsAt: timeColumn(),
    outcome: p.string().length(12).$type<LegOutcome>(),
    /** The version of the fixture's result that `outcome` follows from. */
    resultVersion: p.integer(),
    settledAt: timeColumn().nullable(),
  },
})

/** One answer that a bet is on. */
export class BetLeg extends BetLegSchema.class {}
BetLegSchema.setClass(BetLeg)
