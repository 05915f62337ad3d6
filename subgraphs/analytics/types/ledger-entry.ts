import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { LedgerEntry } from '../entities/ledger-entry.ts'
import { MAY } from '../scopes.ts'
import type { CurrencyCheck } from '../services/ledger/ledger-check.ts'
import { AccountType } from './account.ts'
import { MoneyType } from './money.ts'
import { TransferType } from './transfer.ts'

const LedgerEntryType = builder.objectRef<LedgerEntry>('LedgerEntry').implement({
  description: 'What one booking moved on one account; it never changes.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    accountId: t.exposeID('accountId', { description: 'The account that it moved.' }),
    amount: t.field({
      type: MoneyType,
      description: 'What came onto the account, or below 0 went from it.',
      resolve: ({ amount, currency }) => ({ amount, currency }),
    }),
    balanceAfter: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What the account held afterwards; null for the house.',
      resolve: ({ balanceAfter, currency }) =>
        balanceAfter == null ? null : { amount: balanceAfter, currency },
    }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
    transfer: t.field({
      type: TransferType,
      nullable: true,
      description: 'The booking that it is part of.',
      resolve: ({ transferId }, _args, { transfers }) => transfers.acrossTenantsOfEntry(transferId),
    }),
  }),
})

const LedgerEntryConnection = builder.connectionObject({
  type: LedgerEntryType,
  name: 'LedgerEntryConnection',
})

builder.objectField(AccountType, 'entries', (t) =>
  t.connection(
    {
      type: LedgerEntryType,
      description: 'What moved on it, oldest first; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async (account, page, { accounts }) =>
        toConnection(await accounts.entriesOf(account, toForwardPage(page))),
    },
    LedgerEntryConnection,
  ),
)

builder.objectField(TransferType, 'entries', (t) =>
  t.field({
    type: [LedgerEntryType],
    nullable: true,
    auth: MAY.readMoney,
    description: 'All that it moved, the house’s side too.',
    listSize: { assumedSize: 4 },
    resolve: async ({ id }, _args, { transfers }) => [...(await transfers.entriesOf(id))],
  }),
)

const LedgerEntryWhere = createWhereInput(builder, 'LedgerEntryWhere', {
  id: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  userId: 'ID',
  accountId: 'ID',
  transferId: 'ID',
  currency: 'String',
  amount: 'BigInt',
  at: 'DateTime',
})

const LedgerEntryOrder = createOrderInput(builder, 'LedgerEntryOrder', {
  AT: 'at',
  AMOUNT: 'amount',
})

const LedgerCheckType = builder.objectRef<CurrencyCheck>('LedgerCheck').implement({
  description: 'How the books of one currency stand within reach.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'ISO 4217, such as EUR.' }),
    sum: t.field({
      type: 'BigInt',
      description: 'The sum of the entries in minor units: 0 when the books balance.',
      resolve: ({ sum }) => sum,
    }),
    accounts: t.exposeInt('accounts', {
      description: 'How many accounts of persons were compared with their entries.',
    }),
    broken: t.exposeIDList('broken', {
      description: 'Accounts whose balance is not the sum of their entries, at most 100.',
    }),
    isWhole: t.exposeBoolean('isWhole', {
      description:
        'Whether all was looked at; false beyond 1000000 transfers or 100000 accounts, of which the newest were.',
    }),
  }),
})

builder.queryFields((t) => ({
  ledgerEntries: t.connection(
    {
      type: LedgerEntryType,
      nullable: true,
      auth: MAY.readMoney,
      description: 'The entries within reach, the house’s too.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: LedgerEntryWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [LedgerEntryOrder],
          description: 'In which order; by age at last.',
        }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { accounts }) =>
        toConnection(await accounts.entries({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    LedgerEntryConnection,
  ),
  ledgerCheck: t.field({
    type: [LedgerCheckType],
    nullable: true,
    auth: MAY.readMoney,
    description:
      'Whether the books of the platform or of a tenant balance: balances are compared with their entries.',
    listSize: { assumedSize: 5 },
    resolve: (_root, _args, { ledgerCheck, signal }) => ledgerCheck(signal),
  }),
}))
