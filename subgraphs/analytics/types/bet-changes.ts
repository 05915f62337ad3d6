import { builder } from '../builder.ts'
import type { BetOutcome, BetStatus } from '../entities/bet.ts'
import { MAY } from '../scopes.ts'
import { type BetNews, readBetNews } from '../services/portfolio.ts'
import { BetType } from './bet.ts'
import { BetOutcomeEnum, BetStatusEnum } from './bet-words.ts'
import { MoneyType } from './money.ts'
import { GuildType } from './place.ts'

const BetChangeTypeEnum = builder.enumType('BetChangeType', {
  description: 'What happened to a bet.',
  values: {
    PLACED: { value: 'placed', description: 'It was placed.' },
    SETTLED: { value: 'settled', description: 'It ended.' },
    CORRECTED: { value: 'corrected', description: 'It was settled anew by a corrected result.' },
    REOPENED: { value: 'reopened', description: 'The result was taken back: it is open again.' },
    CASHED_OUT: { value: 'cashed_out', description: 'It was sold back.' },
  } as const,
})

const BetChangeRowType = builder.objectRef<BetNews>('BetChange').implement({
  description: 'Something that happened to a bet.',
  fields: (t) => ({
    type: t.field({
      type: BetChangeTypeEnum,
      description: 'What happened.',
      resolve: ({ change }) => change,
    }),
    betId: t.exposeID('betId', { description: 'The bet.' }),
    bet: t.field({
      type: BetType,
      nullable: true,
      description: 'The bet as it stands now.',
      resolve: ({ betId }, _args, { bets }) => bets.acrossTenantsById(betId),
    }),
    status: t.field({
      type: BetStatusEnum,
      description: 'How far it was then.',
      resolve: ({ status }) => status as BetStatus,
    }),
    outcome: t.field({
      type: BetOutcomeEnum,
      nullable: true,
      description: 'How it had ended; null while open.',
      resolve: ({ outcome }) => outcome as BetOutcome | null,
    }),
    stake: t.field({
      type: MoneyType,
      description: 'What was staked.',
      resolve: ({ stake, currency }) => ({ amount: stake, currency }),
    }),
    payout: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What it had paid; null while open.',
      resolve: ({ payout, currency }) => (payout === null ? null : { amount: payout, currency }),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'Where.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
  }),
})

builder.subscriptionField('betChanged', (t) =>
  t.field({
    type: BetChangeRowType,
    nullable: true,
    auth: MAY.authenticated,
    description:
      'Everything that happens to your bets, in order; resumes after the cursor last seen. To those of others with bets:read, within reach.',
    args: { userId: t.arg.id({ description: 'Whose; absent for your own.' }) },
    subscribe: (_root, { userId }, { portfolio, resume, signal }) =>
      portfolio.bets({ userId, after: resume, signal }),
    resolve: readBetNews,
  }),
)
