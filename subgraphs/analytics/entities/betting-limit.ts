import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const BettingLimitSchema = defineEntity({
  name: 'BettingLimit',
  tableName: 'betting_limits',
  uniques: [{ name: 'uniq_betting_limit', properties: ['guildId', 'tenantId', 'currency'] }],
  indexes: [{ name: 'idx_limit_tenant', properties: ['tenantId', 'id'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    currency: p.string().length(3),
    /** Minor units, as all amounts here. */
    minStake: bigColumn(),
    maxStake: bigColumn(),
    /** The most that one bet may pay. */
    maxPayout: bigColumn(),
    maxLegs: p.integer(),
    /** What a cash-out costs, in hundredths of a percent. */
    cashOutFeeBasisPoints: p.integer(),
    updatedAt: timeColumn(),
  },
})

/** What a guild lets be staked in one currency; without a row the defaults of the code stand. */
export class BettingLimit extends BettingLimitSchema.class {}
BettingLimitSchema.setClass(BettingLimit)
