import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'
import { MARKET_TYPES, type MarketType } from './market.ts'

export const BET_TYPES = ['single', 'multiple'] as const
export type BetType = (typeof BET_TYPES)[number]

export const BET_STATUSES = ['open', 'settled', 'cashed_out'] as const
export type BetStatus = (typeof BET_STATUSES)[number]

/** How a whole bet ended. `mixed`: a multiple that stands and holds a half outcome. */
export const BET_OUTCOMES = [
  'won',
  'lost',
  'void',
  'half_won',
  'half_lost',
  'mixed',
  'cashed_out',
] as const
export type BetOutcome = (typeof BET_OUTCOMES)[number]

/** What a bettor lets happen to a price between asking and placing. */
export const PRICE_CHANGES = ['exact', 'better', 'any'] as const
export type PriceChange = (typeof PRICE_CHANGES)[number]

/** The market of a single; multiples are a market of their own in figures. */
export const BET_MARKETS = [...MARKET_TYPES, 'multiple'] as const
export type BetMarket = MarketType | 'multiple'

const BetSchema = defineEntity({
  name: 'Bet',
  tableName: 'bets',
  uniques: [
    { name: 'uniq_bet_key', properties: ['userId', 'idempotencyKey'] },
    { name: 'uniq_bet_cash_out_key', properties: ['userId', 'cashOutKey'] },
  ],
  indexes: [
    { name: 'idx_bet_user', properties: ['userId', 'id'] },
    { name: 'idx_bet_guild', properties: ['guildId', 'id'] },
    { name: 'idx_bet_tenant', properties: ['tenantId', 'id'] },
    { name: 'idx_bet_placed', properties: ['placedAt', 'id'] },
  ],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    /** Who bets. */
    userId: refColumn(),
    /** The player's account that the stake came from. */
    accountId: refColumn(),
    type: p.string().length(8).$type<BetType>(),
    marketType: p.string().length(32).$type<BetMarket>(),
    currency: p.string().length(3),
    /** Minor units, as all amounts here. */
    stake: bigColumn(),
    /** All legs together, in thousandths, rounded down and no longer than the longest odds. */
    odds: p.integer(),
    /** What it pays if every open leg wins; legs that ended count as they did. Never more than when it was placed. */
    potentialPayout: bigColumn(),
    status: p.string().length(12).$type<BetStatus>(),
    outcome: p.string().length(12).$type<BetOutcome>().nullable(),
    /** What the bettor got; null while open. */
    payout: bigColumn().nullable(),
    /** How often it was settled: above 1 after a correction. */
    settlements: p.integer(),
    /** The stake unless it was given back: its part of the handle. */
    handle: bigColumn(),
    /** The stake while open, else 0. */
    openStake: bigColumn(),
    /** The stake once settled or cashed out and not given back, else 0. */
    settledStake: bigColumn(),
    /** What was paid on `settledStake`. */
    settledPayout: bigColumn(),
    /** What may still have to be paid: `potentialPayout` while open, else 0. */
    liability: bigColumn(),
    priceChange: p.string().length(8).$type<PriceChange>(),
    idempotencyKey: p.string().length(64),
    /** SHA-256, hexadecimal, of what was asked under the key. */
    requestHash: p.string().length(64),
    /** The answer of compliance that let it through. */
    clearanceId: p.string().length(64),
    cashOutKey: p.string().length(64).nullable(),
    cashOutHash: p.string().length(64).nullable(),
    /** The UTC day of `placedAt`, as 2026-08-15. */
    placedDay: p.string().length(10),
    placedAt: timeColumn(),
    settledAt: timeColumn().nullable(),
  },
})

/** A bet of one person: one leg, or several that must all come true. */
export class Bet extends BetSchema.class {}
BetSchema.setClass(Bet)
