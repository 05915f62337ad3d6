import { builder } from '../builder.ts'
import type { BettingLimit } from '../entities/betting-limit.ts'
import { MAY } from '../scopes.ts'
import { GuildType } from './follow.ts'
import { MoneyType } from './money.ts'

const BettingLimitType = builder.objectRef<BettingLimit>('BettingLimit').implement({
  description: 'What a guild lets be staked in one currency.',
  shares: 'tenant',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    guild: t.field({
      type: GuildType,
      description: 'The guild.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217, such as EUR.' }),
    minStake: t.field({
      type: MoneyType,
      description: 'The least that one bet may stake.',
      resolve: ({ minStake, currency }) => ({ amount: minStake, currency }),
    }),
    maxStake: t.field({
      type: MoneyType,
      description: 'The most that one bet may stake.',
      resolve: ({ maxStake, currency }) => ({ amount: maxStake, currency }),
    }),
    maxPayout: t.field({
      type: MoneyType,
      description: 'The most that one bet may pay; a bet that would pay more is refused.',
      resolve: ({ maxPayout, currency }) => ({ amount: maxPayout, currency }),
    }),
    maxLegs: t.exposeInt('maxLegs', { description: 'The most legs that a bet may have.' }),
    cashOutFeeBasisPoints: t.exposeInt('cashOutFeeBasisPoints', {
      description: 'What a cash-out costs, in hundredths of a percent.',
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'Since when.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
  }),
})

builder.objectField(GuildType, 'bettingLimits', (t) =>
  t.field({
    type: [BettingLimitType],
    nullable: true,
    auth: MAY.readLimits,
    shares: 'tenant',
    description:
      'The limits that it has set, by currency. In others 100 to 100000 may be staked and 10000000 paid (minor units), by at most 12 legs; a cash-out costs 500 basis points.',
    listSize: { assumedSize: 3 },
    resolve: async ({ id }, _args, { bettingLimits }) => [...(await bettingLimits.ofGuild(id))],
  }),
)

const SetBettingLimitInput = builder.inputType('SetBettingLimitInput', {
  description: 'Limits of a guild in one currency; amounts in minor units.',
  fields: (t) => ({
    guildId: t.id({ required: true, description: 'Which guild.' }),
    currency: t.string({ required: true, description: 'ISO 4217, such as EUR.' }),
    minStake: t.field({
      type: 'BigInt',
      required: true,
      description: 'The least that one bet may stake, from 1.',
    }),
    maxStake: t.field({
      type: 'BigInt',
      required: true,
      description: 'The most that one bet may stake.',
    }),
    maxPayout: t.field({
      type: 'BigInt',
      required: true,
      description: 'The most that one bet may pay, not below the largest stake; more is refused.',
    }),
    maxLegs: t.int({ required: true, description: 'The most legs of a bet, 1 to 50.' }),
    cashOutFeeBasisPoints: t.int({
      required: true,
      description: 'What a cash-out costs, in hundredths of a percent, 0 to 9999.',
    }),
  }),
})

builder.mutationField('setBettingLimit', (t) =>
  t.field({
    type: BettingLimitType,
    nullable: true,
    auth: MAY.writeLimits,
    description:
      'Sets what a guild lets be staked; bets that stand keep what they were placed under.',
    args: { input: t.arg({ type: SetBettingLimitInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { bettingLimits }) => bettingLimits.set(input),
  }),
)
