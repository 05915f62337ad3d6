import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { Bet } from '../entities/bet.ts'
import { MAY } from '../scopes.ts'
import { BetLegType } from './bet-leg.ts'
import {
  BetMarketEnum,
  BetOutcomeEnum,
  BetStatusEnum,
  BetTypeEnum,
  PriceChangeEnum,
} from './bet-words.ts'
import { MoneyInput, MoneyType } from './money.ts'
import { GuildType, TenantType } from './place.ts'
import { UserType } from './user.ts'

export const BetType = builder.objectRef<Bet>('Bet').implement({
  description: 'A bet of one person: one leg, or several that must all come true.',
  auth: MAY.authenticated,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Who bet.',
      resolve: ({ userId }) => ({ id: userId }),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'Where.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      description: 'The tenant whose guild it is.',
      resolve: ({ tenantId }) => ({ id: tenantId }),
    }),
    accountId: t.exposeID('accountId', { description: 'The account that the stake came from.' }),
    type: t.field({
      type: BetTypeEnum,
      description: 'Whether it has one leg or several.',
      resolve: ({ type }) => type,
    }),
    marketType: t.field({
      type: BetMarketEnum,
      description: 'What its leg asks; MULTIPLE when it has several.',
      resolve: ({ marketType }) => marketType,
    }),
    stake: t.field({
      type: MoneyType,
      description: 'What was staked.',
      resolve: ({ stake, currency }) => ({ amount: stake, currency }),
    }),
    odds: t.exposeInt('odds', {
      description:
        'All legs together in thousandths (2100 is 2.10), rounded down, shown as at most 1000.00.',
    }),
    potentialPayout: t.field({
      type: MoneyType,
      description: 'What it pays if every leg that is open wins; the others count as they ended.',
      resolve: ({ potentialPayout, currency }) => ({ amount: potentialPayout, currency }),
    }),
    status: t.field({
      type: BetStatusEnum,
      description: 'How far it is.',
      resolve: ({ status }) => status,
    }),
    outcome: t.field({
      type: BetOutcomeEnum,
      nullable: true,
      description: 'How it ended; null while open.',
      resolve: ({ outcome }) => outcome ?? null,
    }),
    payout: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What it paid; null while open.',
      resolve: ({ payout, currency }) => (payout == null ? null : { amount: payout, currency }),
    }),
    settlements: t.exposeInt('settlements', {
      description: 'How often it was settled; above 1 after a correction.',
    }),
    priceChange: t.field({
      type: PriceChangeEnum,
      description: 'What was allowed to happen to its prices.',
      resolve: ({ priceChange }) => priceChange,
    }),
    placedAt: t.field({
      type: 'DateTime',
      description: 'When it was placed.',
      resolve: ({ placedAt }) => placedAt,
    }),
    settledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was settled last or cashed out; null while open.',
      resolve: ({ settledAt }) => settledAt ?? null,
    }),
    legs: t.field({
      type: [BetLegType],
      description: 'What it is on.',
      listSize: { assumedSize: 3 },
      resolve: async ({ id }, _args, { bets }) => [...(await bets.acrossTenantsLegsOf(id))],
    }),
    cashOutOffer: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What it would be paid now: stake × odds over current odds of each open leg × what settled legs paid × (1 − fee), rounded down. Null when it cannot be cashed out.',
      resolve: (bet, _args, { bets }) => bets.acrossTenantsOfferOf(bet),
    }),
  }),
})

builder.asEntity(BetType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }, { bets }) => bets.acrossTenantsById(id),
})

const BetConnection = builder.connectionObject({ type: BetType, name: 'BetConnection' })

const BetWhere = createWhereInput(builder, 'BetWhere', {
  id: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  userId: 'ID',
  type: BetTypeEnum as never,
  marketType: BetMarketEnum as never,
  status: BetStatusEnum as never,
  outcome: BetOutcomeEnum as never,
  currency: 'String',
  stake: 'BigInt',
  payout: 'BigInt',
  odds: 'Int',
  placedAt: 'DateTime',
})

const BetOrder = createOrderInput(builder, 'BetOrder', {
  PLACED_AT: 'placedAt',
  STAKE: 'stake',
  ODDS: 'odds',
})

builder.objectField(UserType, 'bets', (t) =>
  t.connection(
    {
      type: BetType,
      nullable: true,
      auth: MAY.authenticated,
      description:
        'Their bets; forward only. All to themselves, those within reach to others with bets:read and to their own keys with bets:place.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: BetWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [BetOrder],
          description: 'In which order; oldest first if absent.',
        }),
      },
      resolve: async ({ id }, { where, orderBy, ...page }, { bets }) =>
        toConnection(
          await bets.acrossTenantsOfUser(id, {
            ...{ where, orderBy: toPageOrder(orderBy, []), page: toForwardPage(page) },
          }),
        ),
    },
    BetConnection,
  ),
)

builder.queryFields((t) => ({
  bet: t.field({
    type: BetType,
    nullable: true,
    auth: MAY.authenticated,
    description:
      'One bet: your own, or with bets:read one within reach; a key with bets:place has its owner’s within reach.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { bets }) => bets.acrossTenantsById(id),
  }),
  bets: t.connection(
    {
      type: BetType,
      nullable: true,
      auth: MAY.readBets,
      description: 'The bets within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: BetWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [BetOrder],
          description: 'In which order; newest first if absent.',
        }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { bets }) =>
        toConnection(
          await bets.page({ where, orderBy: toPageOrder(orderBy, [['placedAt', 'desc']]), page }),
        ),
    },
    BetConnection,
  ),
}))

const BetLegInput = builder.inputType('BetLegInput', {
  description: 'One answer to bet on.',
  fields: (t) => ({
    selectionId: t.id({ required: true, description: 'Which answer.' }),
    odds: t.int({
      required: true,
      description: 'The odds you saw, in thousandths: 2100 is 2.10.',
    }),
    source: t.string({
      description: 'Whose price; absent for the best that stands.',
    }),
  }),
})

const PlaceBetInput = builder.inputType('PlaceBetInput', {
  description: 'A bet to place.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'The account of your own to stake from.' }),
    stake: t.field({
      type: MoneyInput,
      required: true,
      description: 'How much, in the currency of the account.',
    }),
    legs: t.field({
      type: [BetLegInput],
      required: true,
      description: 'What on: one answer, or several of different fixtures that must all come true.',
    }),
    priceChange: t.field({
      type: PriceChangeEnum,
      required: true,
      description: 'What may happen to the odds meanwhile.',
    }),
    idempotencyKey: t.string({
      required: true,
      description: 'A key of your own, 8 to 64 characters: the same key again is the same bet.',
    }),
  }),
})

const CashOutBetInput = builder.inputType('CashOutBetInput', {
  description: 'A bet to cash out.',
  fields: (t) => ({
    betId: t.id({ required: true, description: 'Which bet of your own.' }),
    amount: t.field({
      type: 'BigInt',
      required: true,
      description: 'The least to be paid, in minor units: what was offered.',
    }),
    idempotencyKey: t.string({
      required: true,
      description: 'A key of your own, 8 to 64 characters: the same key again changes nothing.',
    }),
  }),
})

builder.mutationFields((t) => ({
  placeBet: t.field({
    type: BetType,
    nullable: true,
    auth: MAY.placeBets,
    description: 'Places a bet from your own account, once compliance has said yes.',
    args: { input: t.arg({ type: PlaceBetInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { bets }) => bets.place(input),
  }),
  cashOutBet: t.field({
    type: BetType,
    nullable: true,
    auth: MAY.placeBets,
    description: 'Ends an open bet of your own for what it is worth now; final.',
    args: { input: t.arg({ type: CashOutBetInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { bets }) => bets.cashOut(input),
  }),
}))
