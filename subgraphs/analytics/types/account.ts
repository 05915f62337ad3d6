import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { Account } from '../entities/account.ts'
import { MAY } from '../scopes.ts'
import { MoneyType } from './money.ts'
import { GuildType } from './place.ts'
import { UserType } from './user.ts'

export const AccountKindEnum = builder.enumType('AccountKind', {
  description: 'What an account is for.',
  values: {
    PLAYER: { value: 'player', description: 'What a person may stake or withdraw.' },
    HELD: { value: 'held', description: 'What is set aside of a person’s money.' },
    DEBT: { value: 'debt', description: 'Below 0: what a person owes after a correction.' },
    CASH: { value: 'cash', description: 'The house’s: what came in and went out.' },
    OPEN_STAKES: { value: 'open_stakes', description: 'The house’s: stakes of open bets.' },
    RESULT: { value: 'result', description: 'The house’s: what settled bets won or lost.' },
    ADJUSTMENTS: { value: 'adjustments', description: 'The house’s: corrections by hand.' },
  } as const,
})

export const AccountType = builder.objectRef<Account>('Account').implement({
  description: 'Money of one person, or of the house, in one guild and currency.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    kind: t.field({
      type: AccountKindEnum,
      description: 'What it is for.',
      resolve: ({ kind }) => kind,
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217, such as EUR.' }),
    balance: t.field({
      type: MoneyType,
      description: 'The sum of its entries.',
      resolve: async (account, _args, { accounts }) => ({
        amount: await accounts.acrossTenantsBalanceOf(account),
        currency: account.currency,
      }),
    }),
    held: t.field({
      type: MoneyType,
      description: 'What is set aside of the same person’s money, beside the balance.',
      resolve: async (account, _args, { accounts }) => ({
        amount: await accounts.acrossTenantsBeside(account, 'held'),
        currency: account.currency,
      }),
    }),
    debt: t.field({
      type: MoneyType,
      description: 'What the same person owes after a correction: 0 or below.',
      resolve: async (account, _args, { accounts }) => ({
        amount: await accounts.acrossTenantsBeside(account, 'debt'),
        currency: account.currency,
      }),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'Where the money may be used.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Whose it is; null for the house.',
      resolve: ({ userId }) => (userId == null ? null : { id: userId }),
    }),
    openedAt: t.field({
      type: 'DateTime',
      description: 'Since when.',
      resolve: ({ createdAt }) => createdAt,
    }),
  }),
})

export const AccountConnection = builder.connectionObject({
  type: AccountType,
  name: 'AccountConnection',
})

const AccountWhere = createWhereInput(builder, 'AccountWhere', {
  id: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  userId: 'ID',
  kind: AccountKindEnum as never,
  currency: 'String',
  balance: 'BigInt',
  createdAt: 'DateTime',
})

const AccountOrder = createOrderInput(builder, 'AccountOrder', {
  GUILD: 'guildId',
  CURRENCY: 'currency',
  OPENED_AT: 'createdAt',
})

builder.objectField(UserType, 'accounts', (t) =>
  t.connection(
    {
      type: AccountType,
      nullable: true,
      auth: MAY.authenticated,
      description:
        'Their accounts to bet with; forward only: all to themselves, those within reach to others with money:read and to their own keys with bets:place.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: AccountWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [AccountOrder],
          description: 'In which order; oldest first if absent.',
        }),
      },
      resolve: async ({ id }, { where, orderBy, ...page }, { accounts }) =>
        toConnection(
          await accounts.ofUser(id, {
            ...{ where, orderBy: toPageOrder(orderBy, []), page: toForwardPage(page) },
          }),
        ),
    },
    AccountConnection,
  ),
)

builder.queryFields((t) => ({
  account: t.field({
    type: AccountType,
    nullable: true,
    auth: MAY.authenticated,
    description:
      'One account: your own, or with money:read one within reach; a key with bets:place has its owner’s within reach.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { accounts }) => accounts.acrossTenantsById(id),
  }),
  accounts: t.connection(
    {
      type: AccountType,
      nullable: true,
      auth: MAY.readMoney,
      description: 'The accounts within reach, the house’s too.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: AccountWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [AccountOrder], description: 'In which order; by age at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { accounts }) =>
        toConnection(await accounts.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    AccountConnection,
  ),
}))

const OpenAccountInput = builder.inputType('OpenAccountInput', {
  description: 'An account to open.',
  fields: (t) => ({
    guildId: t.id({ description: 'In which guild; absent where your rights lie in one alone.' }),
    currency: t.string({ required: true, description: 'One in use of ISO 4217, such as EUR.' }),
    userId: t.id({
      description: 'For whom in the guild, with money:write; absent for yourself.',
    }),
  }),
})

builder.mutationField('openAccount', (t) =>
  t.field({
    type: AccountType,
    nullable: true,
    auth: MAY.moveMoney,
    description: 'Opens an account, or returns the one that stands.',
    args: { input: t.arg({ type: OpenAccountInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { accounts }) => accounts.open(input),
  }),
)
