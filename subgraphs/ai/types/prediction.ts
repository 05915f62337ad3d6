import { createAggregateType } from '#kernel/graphql/aggregate-type.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { AiPrediction, PredictionResult } from '../entities/ai-prediction.ts'
import { MAY } from '../scopes.ts'
import { PREDICTION_GROUPS, PREDICTION_MEASURES } from '../services/predictions.ts'
import { FairPricesType } from './fair-prices.ts'
import { ModelNameType } from './model.ts'
import { BasisEnum, ByOutcomeType, GoalsType, OutcomeEnum } from './outcome.ts'

type Contribution = PredictionResult['contributions'][number]

const ContributionType = builder.objectRef<Contribution>('PredictionContribution').implement({
  description: 'What one feature adds to the logit of each result; all of them sum to it.',
  shares: 'everyone',
  fields: (t) => ({
    feature: t.exposeString('feature', {
      description:
        'level (the intercept), elo, pi, goals, draw (by strengths), or market (the prices).',
    }),
    value: t.exposeFloat('value', {
      description: 'The feature before the match; of the market, its weight in the blend.',
    }),
    home: t.exposeFloat('home', { description: 'To the logit of a home win.' }),
    draw: t.exposeFloat('draw', { description: 'To the logit of a draw.' }),
    away: t.exposeFloat('away', { description: 'To the logit of an away win.' }),
  }),
})

const ScoreType = builder.objectRef<AiPrediction>('PredictionScore').implement({
  description: 'What became of a prediction.',
  shares: 'everyone',
  fields: (t) => ({
    outcome: t.field({
      type: OutcomeEnum,
      nullable: true,
      description: 'What came.',
      resolve: ({ outcome }) => outcome ?? null,
    }),
    goals: t.field({
      type: GoalsType,
      nullable: true,
      description: 'The result.',
      resolve: ({ actualResult }) => actualResult ?? null,
    }),
    isHit: t.boolean({
      description: 'Whether the likeliest result came.',
      resolve: ({ isHit }) => isHit === true,
    }),
    logLoss: t.float({
      description: 'Negative natural logarithm of what was given to what came; a guess has 1.0986.',
      resolve: ({ logLoss }) => logLoss ?? 0,
    }),
    rps: t.float({
      description: 'Ranked probability score, 0 to 1; 0 is perfect.',
      resolve: ({ rps }) => rps ?? 0,
    }),
    brier: t.float({
      description: "Brier's score over the three results, 0 to 2; 0 is perfect.",
      resolve: ({ brier }) => brier ?? 0,
    }),
    isFinal: t.exposeBoolean('isFinal', {
      description: 'Whether it was the last before kick-off, the one that the scorecard counts.',
    }),
    settledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was scored.',
      resolve: ({ settledAt }) => settledAt ?? null,
    }),
  }),
})

export const PredictionType = builder.objectRef<AiPrediction>('Prediction').implement({
  description: 'A three-way forecast of a match that explains itself, kept as it was made.',
  shares: 'everyone',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    fixtureId: t.exposeID('fixtureId', { description: 'The fixture it is about.' }),
    model: t.field({
      type: ModelNameType,
      nullable: true,
      description: 'What made it.',
      resolve: ({ modelId }, _args, { models }) => models.byId(modelId),
    }),
    madeAt: t.field({
      type: 'DateTime',
      description: 'When it was made.',
      resolve: ({ createdAt }) => createdAt,
    }),
    basis: t.field({
      type: BasisEnum,
      description: 'Whose knowledge it rests on.',
      resolve: ({ basis }) => basis,
    }),
    probabilities: t.field({
      type: ByOutcomeType,
      description: 'Of the three results; they sum to one.',
      resolve: ({ predictionResult }) => predictionResult.probabilities,
    }),
    logits: t.field({
      type: ByOutcomeType,
      description: 'Softmax of these are the probabilities.',
      resolve: ({ predictionResult }) => predictionResult.logits,
    }),
    contributions: t.field({
      type: [ContributionType],
      description: 'What the logits are made of: they sum to them.',
      listSize: { assumedSize: 6 },
      resolve: ({ predictionResult }) => [...predictionResult.contributions],
    }),
    expectedGoals: t.field({
      type: GoalsType,
      description: 'Mean goals.',
      resolve: ({ predictionResult }) => predictionResult.expectedGoals,
    }),
    confidence: t.float({
      description: 'The largest of the three probabilities, to four places.',
      resolve: ({ confidenceScore }) => Number(confidenceScore ?? 0),
    }),
    isHindsight: t.exposeBoolean('isHindsight', {
      description: 'Whether it was made with knowledge of later matches: no scorecard counts it.',
    }),
    isSimulated: t.exposeBoolean('isSimulated', { description: 'Whether the match is invented.' }),
    fairPrices: t.field({
      type: FairPricesType,
      cost: 10,
      description: 'What its markets would cost without a margin, all from one score matrix.',
      resolve: (prediction, _args, { predictions }) => predictions.pricesOf(prediction),
    }),
    score: t.field({
      type: ScoreType,
      nullable: true,
      description: 'What became of it; null until its result is known.',
      resolve: (prediction) => (prediction.outcome == null ? null : prediction),
    }),
  }),
})

const PredictionConnection = builder.connectionObject({
  type: PredictionType,
  name: 'PredictionConnection',
})

const PredictionWhere = createWhereInput(builder, 'PredictionWhere', {
  id: 'ID',
  fixtureId: 'ID',
  modelId: 'ID',
  basis: BasisEnum as never,
  outcome: OutcomeEnum as never,
  isFinal: 'Boolean',
  isHit: 'Boolean',
  isHindsight: 'Boolean',
  isSimulated: 'Boolean',
  createdAt: 'DateTime',
  settledAt: 'DateTime',
})

const PredictionOrder = createOrderInput(builder, 'PredictionOrder', {
  MADE_AT: 'createdAt',
  FIXTURE_ID: 'fixtureId',
})

const PredictionAggregate = createAggregateType(builder, 'Prediction', {
  groups: PREDICTION_GROUPS,
  measured: PREDICTION_MEASURES,
})

builder.queryFields((t) => ({
  predictions: t.connection(
    {
      type: PredictionType,
      nullable: true,
      auth: MAY.readPredictions,
      description: 'Predictions as they were made.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: PredictionWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [PredictionOrder],
          description: 'In which order; newest first if absent.',
        }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { predictions }) =>
        toConnection(
          await predictions.page({
            where,
            orderBy: toPageOrder(orderBy, [['createdAt', 'desc']]),
            page,
          }),
        ),
    },
    PredictionConnection,
  ),
  predictionAggregates: t.field({
    type: [PredictionAggregate.row],
    nullable: true,
    auth: MAY.readPredictions,
    description: 'Counts and scores of predictions by group, largest groups first.',
    listSize: { assumedSize: 50 },
    args: {
      where: t.arg({ type: PredictionWhere, description: 'Which of them.' }),
      groupBy: t.arg({
        type: [PredictionAggregate.groupEnum],
        required: true,
        description: 'By what; an empty list is one group of all.',
      }),
    },
    resolve: (_root, query, { predictions }) => predictions.aggregates(query),
  }),
}))
