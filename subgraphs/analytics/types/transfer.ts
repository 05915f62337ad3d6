import { builder } from '../builder.ts'
import type { Transfer } from '../entities/transfer.ts'
import { MAY } from '../scopes.ts'
import { MoneyInput } from './money.ts'
import { GuildType } from './place.ts'
import { UserType } from './user.ts'

export const TransferKindEnum = builder.enumType('TransferKind', {
  description: 'What a booking is.',
  values: {
    DEPOSIT: { value: 'deposit', description: 'Money came in.' },
    WITHDRAWAL: { value: 'withdrawal', description: 'Held money was paid out.' },
    STAKE: { value: 'stake', description: 'A bet was placed.' },
    PAYOUT: { value: 'payout', description: 'A bet was settled.' },
    REFUND: { value: 'refund', description: 'A stake was given back.' },
    CASH_OUT: { value: 'cash_out', description: 'A bet was cashed out.' },
    ADJUSTMENT: { value: 'adjustment', description: 'A correction by hand.' },
    HOLD: { value: 'hold', description: 'Money was set aside.' },
    RELEASE: { value: 'release', description: 'Held money was given back.' },
    CAPTURE: { value: 'capture', description: 'Held money was taken.' },
    REVERSAL: { value: 'reversal', description: 'A settlement was taken back.' },
  } as const,
})

export const TransferType = builder.objectRef<Transfer>('Transfer').implement({
  description: 'One booking; its entries sum to zero.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    kind: t.field({
      type: TransferKindEnum,
      description: 'What it is.',
      resolve: ({ kind }) => kind,
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217, such as EUR.' }),
    note: t.string({
      nullable: true,
      description: 'What was written beside it.',
      resolve: ({ note }) => note ?? null,
    }),
    betId: t.id({
      nullable: true,
      description: 'The bet that it is about.',
      resolve: ({ betId }) => betId ?? null,
    }),
    holdId: t.id({
      nullable: true,
      description: 'The hold that it made or ended.',
      resolve: ({ holdId }) => holdId ?? null,
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'Where it was booked.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Whose money it moved.',
      resolve: ({ userId }) => ({ id: userId }),
    }),
    actor: t.field({
      type: UserType,
      nullable: true,
      auth: MAY.readMoney,
      description: 'Who booked it; null for the platform itself.',
      resolve: ({ actorId }) => (actorId == null ? null : { id: actorId }),
    }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
  }),
})

const DepositInput = builder.inputType('DepositInput', {
  description: 'Money that came in for a person.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'The account to bet with.' }),
    money: t.field({ type: MoneyInput, required: true, description: 'How much.' }),
    note: t.string({ description: 'One line of at most 200 characters; never a card number.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Names this booking, 8 to 64 characters: repeated, it books nothing.',
    }),
  }),
})

const AdjustBalanceInput = builder.inputType('AdjustBalanceInput', {
  description: 'A correction by hand.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'The account to bet with.' }),
    money: t.field({
      type: MoneyInput,
      required: true,
      description: 'How much more, or below 0 how much less.',
    }),
    reason: t.string({
      required: true,
      description:
        'Why, in one line; never a card number. It stands on the booking and in the audit log.',
    }),
    idempotencyKey: t.string({
      required: true,
      description: 'Names this booking, 8 to 64 characters: repeated, it books nothing.',
    }),
  }),
})

builder.mutationFields((t) => ({
  deposit: t.field({
    type: TransferType,
    nullable: true,
    auth: MAY.writeMoney,
    description: 'Books money that came in, if compliance allows it.',
    args: { input: t.arg({ type: DepositInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { transfers }) => transfers.deposit(input),
  }),
  adjustBalance: t.field({
    type: TransferType,
    nullable: true,
    auth: MAY.writeMoney,
    description: 'Corrects a balance by hand, with a reason.',
    args: { input: t.arg({ type: AdjustBalanceInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { transfers }) => transfers.adjust(input),
  }),
}))
