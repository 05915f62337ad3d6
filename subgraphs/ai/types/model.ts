import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import type { JsonObject } from '#kernel/graphql/scalars.ts'
import { builder } from '../builder.ts'
import type { AiModel } from '../entities/ai-model.ts'
import { MAY } from '../scopes.ts'
import type { ModelAtHand } from '../services/model-source.ts'

export const ModelNameType = builder.objectRef<AiModel>('PredictionModel').implement({
  description: 'The name of what made a prediction.',
  shares: 'everyone',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    name: t.exposeString('modelName', { description: 'Its name.' }),
    version: t.exposeString('modelVersion', { description: 'Its version.' }),
  }),
})

type Figure = { name: string; value: number }

const FigureType = builder.objectRef<Figure>('ModelFigure').implement({
  description: 'A measured figure with its name.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What was measured, or of what.' }),
    value: t.exposeFloat('value', { description: 'Mean log-loss over the sample.' }),
  }),
})

export const AiModelType = builder.objectRef<AiModel>('AiModel').implement({
  description: 'A trained model, as it was measured on matches it had not seen.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    name: t.exposeString('modelName', { description: 'Its name.' }),
    type: t.exposeString('modelType', { description: 'What kind of model it is.' }),
    version: t.exposeString('modelVersion', { description: 'Its version.' }),
    isActive: t.boolean({
      description: 'Whether it makes predictions: chosen, and its file is sound and at hand.',
      resolve: (model, _args, { models }) => models.isActive(model),
    }),
    isChosen: t.exposeBoolean('isActive', { description: 'Whether it was chosen to.' }),
    metric: t.field({
      type: FigureType,
      description: 'What it reached.',
      resolve: ({ metricName, metricValue }) => ({ name: metricName, value: metricValue }),
    }),
    baseline: t.field({
      type: FigureType,
      description: 'What it has to beat: how often each league’s results came before.',
      resolve: ({ baselineName, baselineValue }) => ({ name: baselineName, value: baselineValue }),
    }),
    limit: t.field({
      type: FigureType,
      description: 'The best that is known and that it does not reach: the closing odds.',
      resolve: ({ limitName, limitValue }) => ({ name: limitName, value: limitValue }),
    }),
    sampleSize: t.exposeInt('sampleSize', { description: 'Matches all three were measured on.' }),
    beatsBaseline: t.exposeBoolean('beatsBaseline', {
      description: 'Whether it beats its baseline by more than chance.',
    }),
    dataHash: t.exposeString('dataHash', { description: 'SHA-256 of the data it learnt from.' }),
    fileHash: t.exposeString('fileHash', { description: 'SHA-256 of its canonical bytes.' }),
    card: t.field({
      type: 'JSONObject',
      description: 'The whole evaluation.',
      resolve: ({ card }) => card as JsonObject,
    }),
    registeredAt: t.field({
      type: 'DateTime',
      description: 'When the platform first had it.',
      resolve: ({ registeredAt }) => registeredAt,
    }),
  }),
})

const FileType = builder.objectRef<ModelAtHand>('ModelFile').implement({
  description: 'The model file that this service holds.',
  fields: (t) => ({
    isSound: t.boolean({
      description: 'Whether it is the one that was trained.',
      resolve: ({ loaded }) => loaded !== null,
    }),
    trouble: t.string({
      nullable: true,
      description: 'What is wrong with it: MODEL_FILE_ALTERED or MODEL_FILE_INVALID.',
      resolve: ({ trouble }) => trouble,
    }),
    fileHash: t.string({
      nullable: true,
      description: 'SHA-256 of its canonical bytes; null when it is refused.',
      resolve: ({ loaded }) => loaded?.fileHash ?? null,
    }),
  }),
})

const AiModelConnection = builder.connectionObject({ type: AiModelType, name: 'AiModelConnection' })

const AiModelWhere = createWhereInput(builder, 'AiModelWhere', {
  id: 'ID',
  modelName: 'String',
  modelVersion: 'String',
  beatsBaseline: 'Boolean',
  registeredAt: 'DateTime',
})

const AiModelOrder = createOrderInput(builder, 'AiModelOrder', { REGISTERED_AT: 'registeredAt' })

builder.queryFields((t) => ({
  aiModel: t.field({
    type: AiModelType,
    nullable: true,
    auth: MAY.readModels,
    description: 'One model.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { models }) => models.byId(id),
  }),
  aiModels: t.connection(
    {
      type: AiModelType,
      nullable: true,
      auth: MAY.readModels,
      description: 'Models that were ever registered.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: AiModelWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [AiModelOrder],
          description: 'In which order; newest first if absent.',
        }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { models }) =>
        toConnection(
          await models.page({
            where,
            orderBy: toPageOrder(orderBy, [['registeredAt', 'desc']]),
            page,
          }),
        ),
    },
    AiModelConnection,
  ),
  modelFile: t.field({
    type: FileType,
    nullable: true,
    auth: MAY.readModels,
    description: 'Whether the model file at hand is sound.',
    resolve: (_root, _args, { modelAtHand }) => modelAtHand,
  }),
}))

const ModelInput = builder.inputType('AiModelInput', {
  description: 'Which model.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
})

builder.mutationFields((t) => ({
  activateModel: t.field({
    type: AiModelType,
    nullable: true,
    auth: MAY.writeModels,
    description: 'Has a model make the predictions from now on, if it beats its baseline.',
    args: { input: t.arg({ type: ModelInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { models }) => models.activate(input.id),
  }),
  retireModel: t.field({
    type: AiModelType,
    nullable: true,
    auth: MAY.writeModels,
    description: 'Ends the predictions of a model.',
    args: { input: t.arg({ type: ModelInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { models }) => models.retire(input.id),
  }),
}))
