import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '#kernel/db/columns.ts'

const figure = () => p.double().$type<number>().runtimeType('number')
const digest = () => p.string().length(64)
const figureName = () => p.string().length(40)

const AiModelSchema = defineEntity({
  name: 'AiModel',
  tableName: 'ai_models',
  uniques: [{ name: 'uniq_model_file', properties: ['modelName', 'modelVersion', 'fileHash'] }],
  properties: {
    id: idColumn(),
    modelName: p.string().length(100),
    modelType: p.string().length(50),
    modelVersion: p.string().length(50),
    /** The parameters that were chosen in training. */
    modelConfig: p.json<Readonly<Record<string, unknown>>>().nullable(),
    /** Chosen for predictions; it makes them only while its file is at hand. */
    isActive: p.boolean(),
    /** Share of right results in its evaluation; null where that measured something else. */
    accuracyScore: p.decimal('number').precision(5).scale(4).nullable(),
    createdAt: timeColumn(),
    updatedAt: timeColumn(),
    /** SHA-256 of the data it was trained on. */
    dataHash: digest(),
    /** SHA-256 of its canonical bytes. */
    fileHash: digest(),
    metricName: figureName(),
    metricValue: figure(),
    /** What it has to beat. */
    baselineName: figureName(),
    baselineValue: figure(),
    /** The best that is known, which it does not reach. */
    limitName: figureName(),
    limitValue: figure(),
    /** Matches that all three were measured on. */
    sampleSize: p.integer(),
    beatsBaseline: p.boolean(),
    /** The whole evaluation. */
    card: p.json<Readonly<Record<string, unknown>>>(),
    registeredAt: timeColumn(),
  },
})

/** A trained model, as its file says it is. */
export class AiModel extends AiModelSchema.class {}
AiModelSchema.setClass(AiModel)
