import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { BalanceNews } from '../services/ledger/post.ts'
import { readBalanceNews } from '../services/portfolio.ts'
import { AccountKindEnum } from './account.ts'
import { MoneyType } from './money.ts'
import { GuildType } from './place.ts'
import { TransferKindEnum } from './transfer.ts'

const BalanceChangeType = builder.objectRef<BalanceNews>('BalanceChange').implement({
  description: 'Something that happened to a person’s money.',
  fields: (t) => ({
    accountId: t.exposeID('accountId', { description: 'The account that changed.' }),
    kind: t.field({
      type: AccountKindEnum,
      description: 'What the account is for.',
      resolve: ({ kind }) => kind,
    }),
    balance: t.field({
      type: MoneyType,
      description: 'What it holds since.',
      resolve: ({ balance, currency }) => ({ amount: balance, currency }),
    }),
    change: t.field({
      type: MoneyType,
      description: 'What came onto it, or below 0 went from it.',
      resolve: ({ change, currency }) => ({ amount: change, currency }),
    }),
    transferId: t.exposeID('transferId', { description: 'The booking that changed it.' }),
    transferKind: t.field({
      type: TransferKindEnum,
      description: 'What the booking is.',
      resolve: ({ transferKind }) => transferKind,
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'Where it happened.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
  }),
})

builder.subscriptionField('balanceChanged', (t) =>
  t.field({
    type: BalanceChangeType,
    nullable: true,
    auth: MAY.authenticated,
    description:
      'Every change of your money, in order; resumes after the cursor last seen. Of others with money:read, within reach.',
    args: { userId: t.arg.id({ description: 'Whose; absent for your own.' }) },
    subscribe: (_root, { userId }, { portfolio, resume, signal }) =>
      portfolio.balances({ userId, after: resume, signal }),
    resolve: readBalanceNews,
  }),
)
