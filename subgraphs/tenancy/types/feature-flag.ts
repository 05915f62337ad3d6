import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { FeatureFlag } from '../entities/feature-flag.ts'
import { MAY } from '../scopes.ts'
import { explain, type FlagEvaluation } from '../services/rollout.ts'
import { TenantType } from './tenant.ts'

const FeatureFlagType = builder.objectRef<FeatureFlag>('FeatureFlag').implement({
  description: 'A switch of one tenant for one feature.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    key: t.exposeString('key', { description: 'Which feature.' }),
    isEnabled: t.exposeBoolean('isEnabled', { description: 'Whether anybody has the feature.' }),
    rolloutPercent: t.exposeInt('rolloutPercent', {
      description: 'Share of subjects that have it while it is enabled, 0 to 100.',
    }),
    description: t.exposeString('description', { description: 'What the feature is.' }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it changed last.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      auth: MAY.readTenants,
      description: 'Whose it is.',
      resolve: ({ tenantId }, _args, { tenants }) => tenants.byId(tenantId),
    }),
  }),
})

const FlagReasonEnum = builder.enumType('FlagReason', {
  description: 'Why a feature is on or off.',
  values: {
    UNKNOWN: { value: 'unknown', description: 'There is no such flag.' },
    DISABLED: { value: 'disabled', description: 'It is off for everyone.' },
    EVERYONE: { value: 'everyone', description: 'It is on for everyone.' },
    INCLUDED: { value: 'included', description: 'The subject is within the rollout.' },
    EXCLUDED: { value: 'excluded', description: 'The subject is not within the rollout yet.' },
  } as const,
})

const FlagEvaluationType = builder.objectRef<FlagEvaluation>('FlagEvaluation').implement({
  description: 'Whether a feature is on for a subject, and why.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Which feature.' }),
    subject: t.exposeString('subject', { description: 'For whom.' }),
    isOn: t.exposeBoolean('isOn', { description: 'Whether it is on.' }),
    reason: t.field({
      type: FlagReasonEnum,
      description: 'Why.',
      resolve: ({ reason }) => reason,
    }),
    bucket: t.exposeInt('bucket', {
      nullable: true,
      description: 'The fixed place of the subject, 0 to 99, where a rollout decided.',
    }),
    rolloutPercent: t.exposeInt('rolloutPercent', {
      nullable: true,
      description: 'Places below this have it; null for an unknown flag.',
    }),
    explanation: t.string({
      description: 'The reason in a sentence.',
      resolve: (evaluation) => explain(evaluation),
    }),
  }),
})

const FeatureFlagConnection = builder.connectionObject({
  type: FeatureFlagType,
  name: 'FeatureFlagConnection',
})

builder.objectField(TenantType, 'flags', (t) =>
  t.connection(
    {
      type: FeatureFlagType,
      nullable: true,
      auth: MAY.readFlags,
      description: 'Its feature flags, forward by id.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { featureFlags }) =>
        toConnection(await featureFlags.ofTenant(id, toForwardPage(page))),
    },
    FeatureFlagConnection,
  ),
)

const FeatureFlagWhere = createWhereInput(builder, 'FeatureFlagWhere', {
  id: 'ID',
  tenantId: 'ID',
  key: 'String',
  isEnabled: 'Boolean',
  updatedAt: 'DateTime',
})

const FeatureFlagOrder = createOrderInput(builder, 'FeatureFlagOrder', {
  KEY: 'key',
  UPDATED_AT: 'updatedAt',
})

builder.queryFields((t) => ({
  featureFlags: t.connection(
    {
      type: FeatureFlagType,
      nullable: true,
      auth: MAY.readFlags,
      description: 'The feature flags within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: FeatureFlagWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: [FeatureFlagOrder],
          description: 'In which order; by age at last.',
        }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { featureFlags }) =>
        toConnection(await featureFlags.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    FeatureFlagConnection,
  ),
  evaluateFlag: t.field({
    type: FlagEvaluationType,
    nullable: true,
    auth: MAY.readFlags,
    description: 'Whether a feature is on for a subject: the same answer to the same question.',
    args: {
      tenantId: t.arg.id({ required: true, description: 'Whose flag.' }),
      key: t.arg.string({ required: true, description: 'Which feature.' }),
      subject: t.arg.string({
        required: true,
        description: 'For whom: an id of a user or guild, up to 128 characters.',
      }),
    },
    resolve: (_root, question, { featureFlags }) => featureFlags.evaluate(question),
  }),
}))

const SetFeatureFlagInput = builder.inputType('SetFeatureFlagInput', {
  description: 'A feature flag, made or changed.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose it is.' }),
    key: t.string({ required: true, description: 'Which feature, such as live.cashout.' }),
    isEnabled: t.boolean({ required: true, description: 'Whether anybody has the feature.' }),
    rolloutPercent: t.int({
      required: true,
      defaultValue: 100,
      description: 'Share of subjects that have it while it is enabled, 0 to 100.',
    }),
    description: t.string({ required: true, description: 'What the feature is.' }),
  }),
})

const RemoveFeatureFlagInput = builder.inputType('RemoveFeatureFlagInput', {
  description: 'A flag that is no longer needed.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose it is.' }),
    key: t.string({ required: true, description: 'Which feature.' }),
  }),
})

builder.mutationFields((t) => ({
  setFeatureFlag: t.field({
    type: FeatureFlagType,
    nullable: true,
    auth: MAY.writeFlags,
    description: 'Makes or changes a feature flag.',
    args: { input: t.arg({ type: SetFeatureFlagInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { featureFlags }) => featureFlags.set(input),
  }),
  removeFeatureFlag: t.field({
    type: FeatureFlagType,
    nullable: true,
    auth: MAY.writeFlags,
    description: 'Removes a feature flag and answers it as it was; the feature is off.',
    args: { input: t.arg({ type: RemoveFeatureFlagInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { featureFlags }) => featureFlags.remove(input),
  }),
}))
