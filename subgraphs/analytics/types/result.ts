import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { FixtureType } from './fixture.ts'

const CorrectResultInput = builder.inputType('CorrectResultInput', {
  description: 'The result that a fixture really had.',
  fields: (t) => ({
    fixtureId: t.id({ required: true, description: 'Which fixture.' }),
    home: t.int({ required: true, description: 'Goals of the home team, 0 to 99.' }),
    away: t.int({ required: true, description: 'Goals of the away team, 0 to 99.' }),
    reason: t.string({ required: true, description: 'Why, one line: it is audited.' }),
  }),
})

const AbandonFixtureInput = builder.inputType('AbandonFixtureInput', {
  description: 'A fixture that will not be played to its end.',
  fields: (t) => ({
    fixtureId: t.id({ required: true, description: 'Which fixture.' }),
    reason: t.string({ required: true, description: 'Why, one line: it is audited.' }),
  }),
})

const ReopenFixtureInput = builder.inputType('ReopenFixtureInput', {
  description: 'A fixture that is to be played although it had ended.',
  fields: (t) => ({
    fixtureId: t.id({ required: true, description: 'Which fixture.' }),
    startsAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'When it begins: in the future, within a year.',
    }),
    reason: t.string({ required: true, description: 'Why, one line: it is audited.' }),
  }),
})

builder.mutationFields((t) => ({
  correctResult: t.field({
    type: FixtureType,
    nullable: true,
    auth: MAY.settleBets,
    description:
      'Decides the result of a game that began, whatever the feed says; bets are settled anew. Platform only.',
    args: { input: t.arg({ type: CorrectResultInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { results }) => results.correct(input),
  }),
  abandonFixture: t.field({
    type: FixtureType,
    nullable: true,
    auth: MAY.settleBets,
    description: 'Ends a fixture without a result; legs on it become void. Platform only.',
    args: { input: t.arg({ type: AbandonFixtureInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { results }) => results.abandon(input),
  }),
  reopenFixture: t.field({
    type: FixtureType,
    nullable: true,
    auth: MAY.settleBets,
    description:
      'Takes a result back: bets are open again, and old prices stand no more. Platform only.',
    args: { input: t.arg({ type: ReopenFixtureInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { results }) => results.reopen(input),
  }),
}))
