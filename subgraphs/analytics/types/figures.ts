import { createWhereInput } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { BetMarket } from '../entities/bet.ts'
import { MAY } from '../scopes.ts'
import type { Figures, HoldShare } from '../services/figures/figures.ts'
import { BetMarketEnum, BetStatusEnum } from './bet-words.ts'
import { MoneyType } from './money.ts'
import { GuildType, TenantType } from './place.ts'

/** Currencies of one guild or tenant, as far as costs go. */
const CURRENCIES = { assumedSize: 3 }

const FigureGroupEnum = builder.enumType('BettingFigureGroup', {
  description: 'What figures can be grouped by, beside the currency.',
  values: {
    TENANT: { value: 'tenantId', description: 'By tenant.' },
    GUILD: { value: 'guildId', description: 'By guild.' },
    MARKET: { value: 'marketType', description: 'By what the bets are on; a paid feature.' },
    DAY: { value: 'placedDay', description: 'By the UTC day of placing; a paid feature.' },
  } as const,
})

const FiguresType = builder.objectRef<Figures>('BettingFigures').implement({
  description: 'Figures of the bets of one group and currency.',
  shares: 'tenant',
  fields: (t) => ({
    tenant: t.field({
      type: TenantType,
      nullable: true,
      description: 'The tenant; null where not grouped by it.',
      resolve: ({ tenantId }) => (tenantId === null ? null : { id: tenantId }),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'The guild; null where not grouped by it.',
      resolve: ({ guildId }) => (guildId === null ? null : { id: guildId }),
    }),
    marketType: t.field({
      type: BetMarketEnum,
      nullable: true,
      description: 'What the bets are on; null where not grouped by it.',
      resolve: ({ marketType }) => marketType as BetMarket | null,
    }),
    day: t.string({
      nullable: true,
      description: 'The UTC day of placing, as 2026-08-15; null where not grouped by it.',
      resolve: ({ placedDay }) => placedDay,
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217: currencies are never added.' }),
    bets: t.exposeInt('bets', { description: 'How many bets, those given back included.' }),
    handle: t.field({
      type: MoneyType,
      description: 'What was staked; stakes given back are left out.',
      resolve: ({ handle, currency }) => ({ amount: handle, currency }),
    }),
    openStakes: t.field({
      type: MoneyType,
      description: 'The stakes of open bets.',
      resolve: ({ openStakes, currency }) => ({ amount: openStakes, currency }),
    }),
    turnover: t.field({
      type: MoneyType,
      description: 'The stakes of bets that were settled or cashed out.',
      resolve: ({ turnover, currency }) => ({ amount: turnover, currency }),
    }),
    payout: t.field({
      type: MoneyType,
      description: 'What was paid on the turnover.',
      resolve: ({ payout, currency }) => ({ amount: payout, currency }),
    }),
    grossWin: t.field({
      type: MoneyType,
      description: 'Turnover less payout; below 0 when the bettors won more.',
      resolve: ({ grossWin, currency }) => ({ amount: grossWin, currency }),
    }),
    hold: t.float({
      nullable: true,
      description: 'Gross win as a share of the turnover; null without any.',
      resolve: ({ hold }) => hold,
    }),
    openLiability: t.field({
      type: MoneyType,
      description: 'What open bets may still have to be paid.',
      resolve: ({ openLiability, currency }) => ({ amount: openLiability, currency }),
    }),
  }),
})

const BettingFiguresWhere = createWhereInput(builder, 'BettingFiguresWhere', {
  tenantId: 'ID',
  guildId: 'ID',
  currency: 'String',
  marketType: BetMarketEnum as never,
  placedDay: 'String',
  status: BetStatusEnum as never,
})

builder.queryField('bettingFigures', (t) =>
  t.field({
    type: [FiguresType],
    nullable: true,
    auth: MAY.readFigures,
    shares: 'tenant',
    description: 'Figures of the bets within reach by group and currency, at most 1000 groups.',
    listSize: { assumedSize: 50 },
    args: {
      where: t.arg({ type: BettingFiguresWhere, description: 'Of which bets.' }),
      groupBy: t.arg({
        type: [FigureGroupEnum],
        required: true,
        description: 'By what; an empty list is one group of all for each currency.',
      }),
    },
    resolve: (_root, query, { figures }) => figures.find(query),
  }),
)

const HoldShareType = builder.objectRef<HoldShare>('HoldShare').implement({
  description: 'The share of the turnover that was kept, in one currency.',
  shares: 'tenant',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'ISO 4217, such as EUR.' }),
    share: t.float({
      nullable: true,
      description: 'Gross win over turnover; null without turnover.',
      resolve: ({ share }) => share,
    }),
  }),
})

builder.objectFields(GuildType, (t) => ({
  handle: t.field({
    type: [MoneyType],
    nullable: true,
    auth: MAY.readFigures,
    shares: 'tenant',
    description: 'What was staked in it, by currency; stakes given back are left out.',
    listSize: CURRENCIES,
    resolve: ({ id }, _args, { figures }) => figures.handleOfGuild(id),
  }),
  hold: t.field({
    type: [HoldShareType],
    nullable: true,
    auth: MAY.readFigures,
    shares: 'tenant',
    description: 'The share of its turnover that was kept, by currency.',
    listSize: CURRENCIES,
    resolve: ({ id }, _args, { figures }) => figures.holdOfGuild(id),
  }),
}))

builder.objectFields(TenantType, (t) => ({
  handle: t.field({
    type: [MoneyType],
    nullable: true,
    auth: MAY.readFigures,
    shares: 'tenant',
    description: 'What was staked in its guilds, by currency; stakes given back are left out.',
    listSize: CURRENCIES,
    resolve: ({ id }, _args, { figures }) => figures.handleOfTenant(id),
  }),
  hold: t.field({
    type: [HoldShareType],
    nullable: true,
    auth: MAY.readFigures,
    shares: 'tenant',
    description: 'The share of the turnover of its guilds that was kept, by currency.',
    listSize: CURRENCIES,
    resolve: ({ id }, _args, { figures }) => figures.holdOfTenant(id),
  }),
}))
