import { toForwardPage } from '#kernel/db/batches.ts'
import { createAggregateType } from '#kernel/graphql/aggregate-type.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { QuotaState } from '../services/quota-periods.ts'
import { TenantType } from './tenant.ts'

const ResetPeriodEnum = builder.enumType('ResetPeriod', {
  description: 'When a quota begins anew, in UTC.',
  values: {
    NONE: { value: 'none', description: 'Never.' },
    HOURLY: { value: 'hourly', description: 'At every full hour.' },
    DAILY: { value: 'daily', description: 'At midnight.' },
    MONTHLY: { value: 'monthly', description: 'On the first of the month.' },
  } as const,
})

const QuotaType = builder.objectRef<QuotaState>('Quota').implement({
  description: 'How much of a resource a tenant may use in a period.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    resource: t.exposeString('resource', { description: 'What is counted, such as api.points.' }),
    resetPeriod: t.field({
      type: ResetPeriodEnum,
      description: 'When it begins anew.',
      resolve: ({ resetPeriod }) => resetPeriod,
    }),
    limit: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Units in one period; null is without limit.',
      resolve: ({ limit }) => limit,
    }),
    used: t.field({
      type: 'BigInt',
      description: 'Units used in the present period.',
      resolve: ({ used }) => used,
    }),
    remaining: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Units left in the present period; null is without limit.',
      resolve: ({ remaining }) => remaining,
    }),
    resetsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next period begins; null for never.',
      resolve: ({ resetsAt }) => resetsAt,
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

const QuotaConnection = builder.connectionObject({ type: QuotaType, name: 'QuotaConnection' })

builder.objectField(TenantType, 'resources', (t) =>
  t.connection(
    {
      type: QuotaType,
      nullable: true,
      auth: MAY.readQuotas,
      description: 'Its quotas, forward by id.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { quotas }) =>
        toConnection(await quotas.ofTenant(id, toForwardPage(page))),
    },
    QuotaConnection,
  ),
)

const QuotaWhere = createWhereInput(builder, 'QuotaWhere', {
  id: 'ID',
  tenantId: 'ID',
  resource: 'String',
  resetPeriod: ResetPeriodEnum as never,
  limit: 'BigInt',
})

const QuotaOrder = createOrderInput(builder, 'QuotaOrder', {
  RESOURCE: 'resource',
  TENANT: 'tenantId',
})

const QuotaAggregate = createAggregateType(builder, 'Quota', {
  groups: ['tenantId', 'resource', 'resetPeriod'],
  measured: ['limit', 'usage'],
})

builder.queryFields((t) => ({
  quotas: t.connection(
    {
      type: QuotaType,
      nullable: true,
      auth: MAY.readQuotas,
      description: 'The quotas within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: QuotaWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [QuotaOrder], description: 'In which order; by age at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { quotas }) =>
        toConnection(await quotas.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    QuotaConnection,
  ),
  quotaAggregates: t.field({
    type: [QuotaAggregate.row],
    nullable: true,
    auth: MAY.readQuotas,
    description: 'Limits and stored counters of the quotas within reach, by group.',
    args: {
      where: t.arg({ type: QuotaWhere, description: 'Which of them.' }),
      groupBy: t.arg({
        type: [QuotaAggregate.groupEnum],
        required: true,
        description: 'By what; an empty list is one group of all.',
      }),
    },
    resolve: (_root, { where, groupBy }, { quotas }) =>
      // The enum's values are the three groups named above.
      quotas.aggregates({ where, groupBy: groupBy as ('tenantId' | 'resource')[] }),
  }),
}))

const SetQuotaInput = builder.inputType('SetQuotaInput', {
  description: 'A quota, made or changed; what was used in the period counts on.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose it is.' }),
    resource: t.string({ required: true, description: 'What is counted, such as api.points.' }),
    limit: t.field({ type: 'BigInt', description: 'Units in one period; null is without limit.' }),
    resetPeriod: t.field({
      type: ResetPeriodEnum,
      required: true,
      description: 'When it begins anew.',
    }),
  }),
})

const UseQuotaInput = builder.inputType('UseQuotaInput', {
  description: 'A use of a quota.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose quota.' }),
    resource: t.string({ required: true, description: 'Which of its quotas.' }),
    amount: t.field({ type: 'BigInt', required: true, description: 'How many units, 1 or more.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Names this use, 8 to 64 characters: repeated, it counts nothing.',
    }),
  }),
})

const ReleaseQuotaInput = builder.inputType('ReleaseQuotaInput', {
  description: 'A use that did not come about.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose quota.' }),
    idempotencyKey: t.string({ required: true, description: 'The key of the use.' }),
  }),
})

builder.mutationFields((t) => ({
  setQuota: t.field({
    type: QuotaType,
    nullable: true,
    auth: MAY.writeQuotas,
    description: 'Sets how much of a resource a tenant may use; the platform alone may.',
    args: { input: t.arg({ type: SetQuotaInput, required: true, description: 'How much.' }) },
    resolve: (_root, { input }, { quotas }) => quotas.set({ ...input, limit: input.limit ?? null }),
  }),
  useQuota: t.field({
    type: QuotaType,
    nullable: true,
    auth: MAY.writeQuotas,
    description: 'Counts a use, or refuses it whole with QUOTA_EXCEEDED.',
    args: { input: t.arg({ type: UseQuotaInput, required: true, description: 'What is used.' }) },
    resolve: (_root, { input }, { quotas }) => quotas.use(input),
  }),
  releaseQuota: t.field({
    type: QuotaType,
    nullable: true,
    auth: MAY.writeQuotas,
    description: 'Gives back a use, once and within its period.',
    args: { input: t.arg({ type: ReleaseQuotaInput, required: true, description: 'Which use.' }) },
    resolve: (_root, { input }, { quotas }) => quotas.release(input),
  }),
}))
