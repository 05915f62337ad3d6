import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

/**
 * `player` is what a person may stake or withdraw, `held` what is set aside, `debt` (0 or below) what
 * was paid out wrongly and spent. The others are the house's, each the other side of its bookings.
 */
export const ACCOUNT_KINDS = [
  'player',
  'held',
  'debt',
  'cash',
  'open_stakes',
  'result',
  'adjustments',
] as const
export type AccountKind = (typeof ACCOUNT_KINDS)[number]

/** The owner of the accounts that belong to no person. */
export const HOUSE = 'house'

const AccountSchema = defineEntity({
  name: 'Account',
  tableName: 'accounts',
  uniques: [
    {
      name: 'uniq_account',
      properties: ['guildId', 'tenantId', 'owner', 'kind', 'currency'],
    },
  ],
  indexes: [
    { name: 'idx_account_user', properties: ['userId', 'id'] },
    { name: 'idx_account_tenant', properties: ['tenantId', 'id'] },
  ],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    /** Null: the house's. */
    userId: refColumn().nullable(),
    /** The person's id or `house`: unique keys do not see equal nulls. */
    owner: p.string().length(20),
    kind: p.string().length(16).$type<AccountKind>(),
    /** ISO 4217. */
    currency: p.string().length(3),
    /** Minor units; null for the house, whose balance is the sum of its entries. */
    balance: bigColumn().nullable(),
    createdAt: timeColumn(),
  },
})

/** Money of one person, or of the house, in one guild and currency. */
export class Account extends AccountSchema.class {}
AccountSchema.setClass(Account)
