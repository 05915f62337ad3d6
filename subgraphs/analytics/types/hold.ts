import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { Hold } from '../entities/hold.ts'
import { MAY } from '../scopes.ts'
import { AccountType } from './account.ts'
import { MoneyInput, MoneyType } from './money.ts'
import { GuildType } from './place.ts'
import { UserType } from './user.ts'

const HoldPurposeEnum = builder.enumType('HoldPurpose', {
  description: 'Why money is set aside.',
  values: {
    WITHDRAWAL: { value: 'withdrawal', description: 'It is to be paid out.' },
    REVIEW: { value: 'review', description: 'It is looked into.' },
  } as const,
})

const HoldStatusEnum = builder.enumType('HoldStatus', {
  description: 'What became of money that was set aside.',
  values: {
    OPEN: { value: 'open', description: 'It is held.' },
    RELEASED: { value: 'released', description: 'It was given back.' },
    CAPTURED: { value: 'captured', description: 'It was taken.' },
    COMPLETED: { value: 'completed', description: 'It was paid out.' },
  } as const,
})

const HoldType = builder.objectRef<Hold>('Hold').implement({
  description: 'Money of a person that is set aside.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    accountId: t.exposeID('accountId', { description: 'The account that it came from.' }),
    purpose: t.field({
      type: HoldPurposeEnum,
      description: 'Why it is held.',
      resolve: ({ purpose }) => purpose,
    }),
    status: t.field({
      type: HoldStatusEnum,
      description: 'What became of it.',
      resolve: ({ status }) => status,
    }),
    money: t.field({
      type: MoneyType,
      description: 'How much.',
      resolve: ({ amount, currency }) => ({ amount, currency }),
    }),
    isFrozen: t.boolean({
      description: 'Whether nobody may end it for now.',
      resolve: (hold) => hold.isFrozen(),
    }),
    frozenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when it is frozen.',
      resolve: ({ frozenAt }) => frozenAt ?? null,
    }),
    frozenReason: t.string({
      nullable: true,
      auth: MAY.readMoney,
      description: 'Why it was frozen or thawed last; the audit log holds every reason.',
      resolve: ({ frozenReason }) => frozenReason ?? null,
    }),
    note: t.string({
      nullable: true,
      description: 'What was written beside it.',
      resolve: ({ note }) => note ?? null,
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'Where it is held.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Whose money it is.',
      resolve: ({ userId }) => ({ id: userId }),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'Since when it is held.',
      resolve: ({ createdAt }) => createdAt,
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was released, captured or paid out.',
      resolve: ({ endedAt }) => endedAt ?? null,
    }),
  }),
})

const HoldConnection = builder.connectionObject({ type: HoldType, name: 'HoldConnection' })

builder.objectField(AccountType, 'holds', (t) =>
  t.connection(
    {
      type: HoldType,
      description: 'What was set aside of it, oldest first; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async (account, page, { holds }) =>
        toConnection(await holds.ofAccount(account, toForwardPage(page))),
    },
    HoldConnection,
  ),
)

const HoldWhere = createWhereInput(builder, 'HoldWhere', {
  id: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  userId: 'ID',
  accountId: 'ID',
  purpose: HoldPurposeEnum as never,
  status: HoldStatusEnum as never,
  frozenAt: 'DateTime',
  createdAt: 'DateTime',
})

const HoldOrder = createOrderInput(builder, 'HoldOrder', {
  CREATED_AT: 'createdAt',
  AMOUNT: 'amount',
})

builder.queryField('holds', (t) =>
  t.connection(
    {
      type: HoldType,
      nullable: true,
      auth: MAY.readMoney,
      description: 'The holds within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: HoldWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [HoldOrder], description: 'In which order; by age at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { holds }) =>
        toConnection(await holds.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    HoldConnection,
  ),
)

const HoldInput = builder.inputType('HoldInput', {
  description: 'Money to set aside.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'The account that it comes from.' }),
    money: t.field({ type: MoneyInput, required: true, description: 'How much.' }),
    note: t.string({ description: 'One line of at most 200 characters; never a card number.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Names this booking, 8 to 64 characters: repeated, it books nothing.',
    }),
  }),
})

const HoldEndInput = builder.inputType('HoldEndInput', {
  description: 'A hold to end.',
  fields: (t) => ({
    holdId: t.id({ required: true, description: 'Which hold.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Names this booking, 8 to 64 characters: repeated, it books nothing.',
    }),
  }),
})

const CaptureHoldInput = builder.inputType('CaptureHoldInput', {
  description: 'A hold whose money is taken.',
  fields: (t) => ({
    holdId: t.id({ required: true, description: 'Which hold.' }),
    reason: t.string({
      required: true,
      description:
        'Why, in one line of 1 to 200 characters; never a card number. It stands on the booking and in the audit log.',
    }),
    idempotencyKey: t.string({
      required: true,
      description: 'Names this booking, 8 to 64 characters: repeated, it books nothing.',
    }),
  }),
})

const FreezeHoldInput = builder.inputType('FreezeHoldInput', {
  description: 'A hold to freeze or to thaw.',
  fields: (t) => ({
    holdId: t.id({ required: true, description: 'Which hold.' }),
    reason: t.string({
      required: true,
      description: 'Why, in one line; never a card number. It stands in the audit log.',
    }),
  }),
})

builder.mutationFields((t) => ({
  requestWithdrawal: t.field({
    type: HoldType,
    nullable: true,
    auth: MAY.moveMoney,
    description: 'Sets money aside to be paid out: your own, or with money:write that of others.',
    args: { input: t.arg({ type: HoldInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { holds }) => holds.requestWithdrawal(input),
  }),
  holdFunds: t.field({
    type: HoldType,
    nullable: true,
    auth: MAY.writeMoney,
    description: 'Sets money aside to be looked into.',
    args: { input: t.arg({ type: HoldInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { holds }) => holds.hold(input),
  }),
  releaseHold: t.field({
    type: HoldType,
    nullable: true,
    auth: MAY.moveMoney,
    description: 'Gives held money back; a withdrawal of your own you may cancel yourself.',
    args: { input: t.arg({ type: HoldEndInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { holds }) => holds.release(input),
  }),
  captureHold: t.field({
    type: HoldType,
    nullable: true,
    auth: MAY.writeMoney,
    description: 'Takes held money for good, with a reason.',
    args: { input: t.arg({ type: CaptureHoldInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { holds }) => holds.capture(input),
  }),
  completeWithdrawal: t.field({
    type: HoldType,
    nullable: true,
    auth: MAY.writeMoney,
    description: 'Says that a withdrawal was paid out.',
    args: { input: t.arg({ type: HoldEndInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { holds }) => holds.completeWithdrawal(input),
  }),
  freezeHold: t.field({
    type: HoldType,
    nullable: true,
    auth: MAY.freezeMoney,
    description:
      'Has nobody end a hold until it is thawed. Again for the same reason it changes nothing; for another it is refused.',
    args: { input: t.arg({ type: FreezeHoldInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { freezes }) => freezes.freeze(input),
  }),
  thawHold: t.field({
    type: HoldType,
    nullable: true,
    auth: MAY.freezeMoney,
    description: 'Lets a frozen hold be ended again.',
    args: { input: t.arg({ type: FreezeHoldInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { freezes }) => freezes.thaw(input),
  }),
}))
