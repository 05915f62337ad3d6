import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const TRANSFER_KINDS = [
  'deposit',
  'withdrawal',
  'stake',
  'payout',
  'refund',
  'cash_out',
  'adjustment',
  'hold',
  'release',
  'capture',
  'reversal',
] as const
export type TransferKind = (typeof TRANSFER_KINDS)[number]

const TransferSchema = defineEntity({
  name: 'Transfer',
  tableName: 'transfers',
  uniques: [{ name: 'uniq_transfer_key', properties: ['keyOwner', 'idempotencyKey'] }],
  indexes: [
    { name: 'idx_transfer_guild', properties: ['guildId', 'id'] },
    { name: 'idx_transfer_user', properties: ['userId', 'id'] },
    { name: 'idx_transfer_bet', properties: ['betId', 'id'] },
  ],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    kind: p.string().length(16).$type<TransferKind>(),
    /** Whose money. */
    userId: refColumn(),
    /** The person who booked it; null for the platform's own work. */
    actorId: refColumn().nullable(),
    betId: refColumn().nullable(),
    holdId: refColumn().nullable(),
    currency: p.string().length(3),
    note: p.string().length(200).nullable(),
    /** Whose idempotency key it is: `user:7`, `key:3`, `service:analytics`. */
    keyOwner: p.string().length(80).nullable(),
    idempotencyKey: p.string().length(64).nullable(),
    /** SHA-256, hexadecimal, of what was asked under the key. */
    requestHash: p.string().length(64).nullable(),
    at: timeColumn(),
  },
})

/** One booking: its entries sum to zero. */
export class Transfer extends TransferSchema.class {}
TransferSchema.setClass(Transfer)
