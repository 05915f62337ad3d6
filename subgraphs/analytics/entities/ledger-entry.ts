import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const LedgerEntrySchema = defineEntity({
  name: 'LedgerEntry',
  tableName: 'ledger_entries',
  indexes: [
    { name: 'idx_entry_account', properties: ['accountId', 'id'] },
    // The house's balances: a sum that never looks at the rows.
    { name: 'idx_entry_amount', properties: ['accountId', 'amount'] },
    { name: 'idx_entry_transfer', properties: ['transferId', 'id'] },
    { name: 'idx_entry_guild', properties: ['guildId', 'id'] },
  ],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    /** Whose account it is; null for the house. */
    userId: refColumn().nullable(),
    accountId: refColumn(),
    transferId: refColumn(),
    /** Minor units, signed. */
    amount: bigColumn(),
    currency: p.string().length(3),
    /** What the account held afterwards; null for the house. */
    balanceAfter: bigColumn().nullable(),
    at: timeColumn(),
  },
})

/** What one booking moves on one account. Rows are only added: the database refuses all else. */
export class LedgerEntry extends LedgerEntrySchema.class {}
LedgerEntrySchema.setClass(LedgerEntry)
