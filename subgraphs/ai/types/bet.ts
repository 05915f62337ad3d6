import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { FairBet, FairLeg } from '../services/fair-bets.ts'

/** A row of analytics: ai knows its id alone. */
type Named = { id: string }

const FairLegType = builder.objectRef<FairLeg>('BetFairLeg').implement({
  description: 'What one leg of a bet would cost without a margin.',
  fields: (t) => ({
    fixtureId: t.exposeID('fixtureId', { description: 'The fixture it is about.' }),
    probability: t.exposeFloat('probability', { description: 'What its odds are the inverse of.' }),
    odds: t.exposeInt('odds', { description: 'Decimal odds in thousandths: 2100 is 2.10.' }),
  }),
})

const FairBetType = builder.objectRef<FairBet>('BetFairPrice').implement({
  description: 'What a bet would cost without a margin, by the predictions of its fixtures.',
  fields: (t) => ({
    odds: t.exposeInt('odds', {
      description: 'Of all legs together, in thousandths, rounded down; 2147483647 at most.',
    }),
    legs: t.field({
      type: [FairLegType],
      description: 'Leg by leg, in the order of the bet.',
      listSize: { assumedSize: 12 },
      resolve: ({ legs }) => [...legs],
    }),
  }),
})

const BetType = builder.objectRef<Named>('Bet').implement({
  description: 'A bet; analytics knows whose.',
  auth: { authenticated: true },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    fairPrice: t.field({
      type: FairBetType,
      nullable: true,
      auth: MAY.readPredictions,
      description:
        'Its price without a margin; null where a leg has none, and for bets that you may not see.',
      resolve: ({ id }, _args, { fairBets }) => fairBets.ofBet(id),
    }),
  }),
})

builder.asEntity(BetType, {
  key: builder.selection<Named>('id'),
  resolveReference: ({ id }) => (isDecimalId(id) ? { id } : null),
})
