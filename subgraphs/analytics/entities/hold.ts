import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const HOLD_PURPOSES = ['withdrawal', 'review'] as const
export type HoldPurpose = (typeof HOLD_PURPOSES)[number]

export const HOLD_STATUSES = ['open', 'released', 'captured', 'completed'] as const
export type HoldStatus = (typeof HOLD_STATUSES)[number]

const HoldSchema = defineEntity({
  name: 'Hold',
  tableName: 'holds',
  indexes: [
    { name: 'idx_hold_account', properties: ['accountId', 'id'] },
    { name: 'idx_hold_guild', properties: ['guildId', 'id'] },
  ],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    /** Whose money. */
    userId: refColumn(),
    /** The player's account that it came from and returns to. */
    accountId: refColumn(),
    purpose: p.string().length(12).$type<HoldPurpose>(),
    /** Minor units. */
    amount: bigColumn(),
    currency: p.string().length(3),
    status: p.string().length(12).$type<HoldStatus>(),
    note: p.string().length(200).nullable(),
    /** While set, the hold can neither be released nor captured nor completed. */
    frozenAt: timeColumn().nullable(),
    /** Why it was frozen or thawed last. */
    frozenReason: p.string().length(200).nullable(),
    createdBy: refColumn().nullable(),
    createdAt: timeColumn(),
    endedAt: timeColumn().nullable(),
  },
})

/** Money set aside: to be paid out, or until somebody has looked into it. */
export class Hold extends HoldSchema.class {
  isFrozen(): boolean {
    return this.frozenAt != null
  }
}
HoldSchema.setClass(Hold)
