import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { Scorecard, ScorecardRow } from '../services/scorecards.ts'
import { AiModelType } from './model.ts'
import { BasisEnum } from './outcome.ts'

const RowType = builder.objectRef<ScorecardRow>('ModelScorecardRow').implement({
  description: 'Figures of predictions whose results are known.',
  fields: (t) => ({
    basis: t.field({
      type: BasisEnum,
      nullable: true,
      description: 'Of predictions on this basis; null for all.',
      resolve: ({ basis }) => basis,
    }),
    n: t.exposeInt('n', { description: 'How many fixtures.' }),
    logLoss: t.exposeFloat('logLoss', { description: 'Mean log-loss.' }),
    rps: t.exposeFloat('rps', { description: 'Mean ranked probability score.' }),
    brier: t.exposeFloat('brier', { description: 'Mean of Brier’s score.' }),
    accuracy: t.exposeFloat('accuracy', {
      description: 'Share of fixtures whose likeliest result came.',
    }),
    ece: t.exposeFloat('ece', {
      description: 'Expected calibration error: ten bins, all three results.',
    }),
  }),
})

const ScorecardType = builder.objectRef<Scorecard>('ModelScorecard').implement({
  description:
    'A model’s predictions beside what came of them: of each fixture the last before kick-off.',
  fields: (t) => ({
    model: t.field({
      type: AiModelType,
      nullable: true,
      description: 'Whose they are, with what was measured before it was registered.',
      resolve: ({ modelId }, _args, { models }) => models.byId(modelId),
    }),
    all: t.field({
      type: RowType,
      nullable: true,
      description: 'All of them; null before the first result.',
      resolve: ({ all }) => all,
    }),
    byBasis: t.field({
      type: [RowType],
      description: 'The same, by whose knowledge they rest on.',
      listSize: { assumedSize: 3 },
      resolve: ({ byBasis }) => byBasis,
    }),
  }),
})

builder.queryFields((t) => ({
  modelScorecard: t.field({
    type: ScorecardType,
    nullable: true,
    auth: MAY.readModels,
    description:
      'What became of a model’s predictions, counted from the stored ones; null when no model has this id.',
    args: {
      modelId: t.arg.id({ required: true, description: 'Which model.' }),
      isSimulated: t.arg.boolean({
        description: 'Of invented matches instead of real ones.',
        defaultValue: false,
      }),
    },
    resolve: (_root, { modelId, isSimulated }, { scorecards }) =>
      scorecards.of(modelId, isSimulated ?? false),
  }),
}))
