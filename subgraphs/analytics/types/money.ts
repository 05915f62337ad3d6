import type { Money } from '#kernel/money.ts'
import { builder } from '../builder.ts'

export const MoneyType = builder.objectRef<Money>('Money').implement({
  description: 'An amount of money.',
  // Whose money it is, the field says that gives it.
  shares: 'everyone',
  fields: (t) => ({
    amount: t.field({
      type: 'BigInt',
      description: 'In minor units, such as cents.',
      resolve: ({ amount }) => amount,
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217, such as EUR.' }),
  }),
})

export const MoneyInput = builder.inputType('MoneyInput', {
  description: 'An amount of money.',
  fields: (t) => ({
    amount: t.field({
      type: 'BigInt',
      required: true,
      description: 'In minor units, such as cents.',
    }),
    currency: t.string({ required: true, description: 'ISO 4217, such as EUR.' }),
  }),
})
