import { builder } from '../builder.ts'

type ByOutcome = { readonly home: number; readonly draw: number; readonly away: number }
type Goals = { readonly home: number; readonly away: number }

export const OutcomeEnum = builder.enumType('PredictedOutcome', {
  description: 'How a match ends after regular time.',
  values: {
    HOME: { value: 'home', description: 'The home team wins.' },
    DRAW: { value: 'draw', description: 'Nobody wins.' },
    AWAY: { value: 'away', description: 'The away team wins.' },
  } as const,
})

export const BasisEnum = builder.enumType('PredictionBasis', {
  description: 'Whose knowledge a prediction rests on.',
  values: {
    MODEL: { value: 'model', description: 'The model’s: results alone.' },
    MARKET: {
      value: 'market',
      description: 'The market’s: its prices without their margin, for teams without ratings.',
    },
    BLEND: { value: 'blend', description: 'Both, in the share that was chosen in training.' },
  } as const,
})

export const ByOutcomeType = builder.objectRef<ByOutcome>('OutcomeFigures').implement({
  description: 'One number for each result.',
  shares: 'everyone',
  fields: (t) => ({
    home: t.exposeFloat('home', { description: 'Of a home win.' }),
    draw: t.exposeFloat('draw', { description: 'Of a draw.' }),
    away: t.exposeFloat('away', { description: 'Of an away win.' }),
  }),
})

export const GoalsType = builder.objectRef<Goals>('PredictionGoals').implement({
  description: 'Goals of both teams: means where they are expected, whole where they were shot.',
  shares: 'everyone',
  fields: (t) => ({
    home: t.exposeFloat('home', { description: 'Of the home team.' }),
    away: t.exposeFloat('away', { description: 'Of the away team.' }),
  }),
})
