import { builder } from '../builder.ts'
import type { BetLeg } from '../entities/bet-leg.ts'
import { MAY } from '../scopes.ts'
import { LegOutcomeEnum } from './bet-words.ts'
import { FixtureType } from './fixture.ts'
import { MarketTypeEnum } from './market.ts'
import { SelectionNameEnum } from './selection.ts'

export const BetLegType = builder.objectRef<BetLeg>('BetLeg').implement({
  description: 'One answer that a bet is on.',
  fields: (t) => ({
    position: t.exposeInt('position', { description: 'From 1, as the bettor named them.' }),
    fixtureId: t.exposeID('fixtureId', { description: 'The fixture it is about.' }),
    fixture: t.field({
      type: FixtureType,
      nullable: true,
      auth: MAY.readFixtures,
      description: 'The fixture as it stands now.',
      resolve: ({ fixtureId }, _args, { fixtures }) => fixtures.byId(fixtureId),
    }),
    marketId: t.exposeID('marketId', { description: 'The market it is part of.' }),
    selectionId: t.exposeID('selectionId', { description: 'The selection it is on.' }),
    marketType: t.field({
      type: MarketTypeEnum,
      description: 'What the market asks.',
      resolve: ({ marketType }) => marketType,
    }),
    line: t.exposeInt('line', {
      description: 'In thousandths of a goal (2500 is 2.5); 0 where the market has none.',
    }),
    selection: t.field({
      type: SelectionNameEnum,
      description: 'The answer.',
      resolve: ({ selection }) => selection,
    }),
    source: t.exposeString('source', { description: 'Whose price it is.' }),
    askedOdds: t.exposeInt('askedOdds', { description: 'What the bettor saw, in thousandths.' }),
    odds: t.exposeInt('odds', { description: 'What the bet stands at, in thousandths.' }),
    home: t.exposeString('home', { description: 'The home team when the bet was placed.' }),
    away: t.exposeString('away', { description: 'The away team when the bet was placed.' }),
    startsAt: t.field({
      type: 'DateTime',
      description: 'The kick-off as it stood when the bet was placed.',
      resolve: ({ startsAt }) => startsAt,
    }),
    outcome: t.field({
      type: LegOutcomeEnum,
      description: 'How it ended, or OPEN.',
      resolve: ({ outcome }) => outcome,
    }),
    settledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its outcome became known last; null while open.',
      resolve: ({ settledAt }) => settledAt ?? null,
    }),
  }),
})
