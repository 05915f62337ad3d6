import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { DEFAULT_LIMITS } from '../services/bets/limits.ts'
import type { StandingLimit } from '../services/bets/standing-limits.ts'
import { MoneyType } from './money.ts'
import { GuildType } from './place.ts'

const BettingLimitType = builder.objectRef<StandingLimit>('BettingLimit').implement({
  description: 'What a guild lets be staked in one currency.',
  fields: (t) => ({
    id: t.exposeID('id', {
      nullable: true,
      description: 'Its id; null for the default, which no guild has set.',
    }),
    isDefault: t.boolean({
      description: 'Whether it stands because the guild has set none for this currency.',
      resolve: ({ id }) => id === null,
    }),
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
      nullable: true,
      description: 'Since when; null for the default.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
  }),
})

const { minStake, maxStake, maxPayout, maxLegs, cashOutFeeBasisPoints } = DEFAULT_LIMITS

/** In minor units, as a client reads it. */
const DEFAULTS = `${minStake} to ${maxStake} may be staked and ${maxPayout} paid (minor units), by at most ${maxLegs} legs; a cash-out costs ${cashOutFeeBasisPoints} basis points`

builder.objectField(GuildType, 'bettingLimits', (t) =>
  t.field({
    type: [BettingLimitType],
    nullable: true,
    auth: MAY.readLimits,
    description: `What may be staked there, by currency: the limits that it has set, and the default in currencies of your own accounts there for which it has set none. By default ${DEFAULTS}. Empty for a guild beyond your reach.`,
    listSize: { assumedSize: 3 },
    resolve: ({ id }, _args, { standingLimitsOf }) => standingLimitsOf(id),
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
