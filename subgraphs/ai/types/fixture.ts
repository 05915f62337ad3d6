import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { PredictionType } from './prediction.ts'

/** A row of analytics: ai knows its id alone. */
type Named = { id: string }

export const FixtureType = builder.objectRef<Named>('Fixture').implement({
  description: 'A match, as one feed tells of it.',
  auth: MAY.readFixtures,
  shares: 'everyone',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    prediction: t.field({
      type: PredictionType,
      nullable: true,
      auth: MAY.readPredictions,
      shares: 'everyone',
      description:
        'What the model makes of it, at most five minutes old; of one that has begun, the last before kick-off. Null where there was none.',
      resolve: ({ id }, _args, { predictions }) => predictions.ofFixture(id),
    }),
  }),
})

builder.asEntity(FixtureType, {
  key: builder.selection<Named>('id'),
  resolveReference: ({ id }) => (isDecimalId(id) ? { id } : null),
})

builder.objectFields(PredictionType, (t) => ({
  fixture: t.field({
    type: FixtureType,
    nullable: true,
    auth: MAY.readFixtures,
    description: 'What it is about.',
    resolve: ({ fixtureId }) => ({ id: fixtureId }),
  }),
}))
