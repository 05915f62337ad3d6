import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { type FixtureChange, readFixtureChange, readQuote } from '../services/live-odds.ts'
import { FixtureType } from './fixture.ts'
import { OddsQuoteType } from './odds-quote.ts'

const FixtureChangeTypeEnum = builder.enumType('FixtureChangeType', {
  description: 'What happened to a fixture.',
  values: {
    OPENED: { value: 'opened', description: 'It became known.' },
    MOVED: { value: 'moved', description: 'Its kick-off changed.' },
    FINISHED: { value: 'finished', description: 'Its result became known, or was corrected.' },
    ABANDONED: { value: 'abandoned', description: 'It will not be played to its end.' },
  } as const,
})

const FixtureChangeRowType = builder.objectRef<FixtureChange>('FixtureChange').implement({
  description: 'Something that happened to a fixture.',
  shares: 'everyone',
  fields: (t) => ({
    type: t.field({
      type: FixtureChangeTypeEnum,
      description: 'What happened.',
      resolve: ({ type }) => type,
    }),
    at: t.field({ type: 'DateTime', description: 'When it was stored.', resolve: ({ at }) => at }),
    fixture: t.field({
      type: FixtureType,
      nullable: true,
      auth: MAY.readFixtures,
      description: 'The fixture as it was then.',
      resolve: ({ fixture }) => fixture,
    }),
  }),
})

builder.subscriptionFields((t) => ({
  oddsChanged: t.field({
    type: OddsQuoteType,
    nullable: true,
    auth: MAY.readOdds,
    shares: 'everyone',
    description:
      'Changes of prices, in order: each one, or for who reads slowly or wishes so (`extensions.conflateMs`) the latest of each selection, side and source. Resumes after the cursor last seen.',
    args: {
      fixtureId: t.arg.id({ description: 'Of this fixture alone.' }),
      competition: t.arg.string({ description: 'Of this competition alone.' }),
      sources: t.arg.stringList({ description: 'Of these sources alone.' }),
    },
    subscribe: (_root, interest, { liveOdds, resume, signal }) =>
      liveOdds.prices(interest, { after: resume, signal }),
    resolve: readQuote,
  }),
  fixtureChanged: t.field({
    type: FixtureChangeRowType,
    nullable: true,
    auth: MAY.readFixtures,
    shares: 'everyone',
    description: 'Fixtures opening, moving and finishing; resumes after the cursor last seen.',
    args: {
      fixtureId: t.arg.id({ description: 'This fixture alone.' }),
      competition: t.arg.string({ description: 'Of this competition alone.' }),
    },
    subscribe: (_root, interest, { liveOdds, resume, signal }) =>
      liveOdds.fixtures(interest, { after: resume, signal }),
    resolve: readFixtureChange,
  }),
}))
