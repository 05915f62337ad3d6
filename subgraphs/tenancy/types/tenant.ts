import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import type { JsonObject } from '#kernel/graphql/scalars.ts'
import { builder } from '../builder.ts'
import type { Tenant } from '../entities/tenant.ts'
import { MAY } from '../scopes.ts'

export const PlanTypeEnum = builder.enumType('PlanType', {
  description: 'What a tenant has bought.',
  values: {
    BASIC: { value: 'basic', description: 'The first step.' },
    PROFESSIONAL: { value: 'professional', description: 'For communities with staff.' },
    ENTERPRISE: { value: 'enterprise', description: 'For companies.' },
  } as const,
})

export const TenantStatusEnum = builder.enumType('TenantStatus', {
  description: 'Whether a tenant may go on.',
  values: {
    ACTIVE: { value: 'active', description: 'Everything is open to it.' },
    SUSPENDED: { value: 'suspended', description: 'It adds nothing until it is restored.' },
  } as const,
})

/** What names a tenant is open to everybody who sees its row; the row is seen by reach alone. */
export const TenantType = builder.objectRef<Tenant>('Tenant').implement({
  description: 'A company on the platform: a bookmaker or community owner.',
  auth: { public: true },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id on the platform.' }),
    code: t.exposeString('code', { description: 'Its short name in addresses; never changes.' }),
    name: t.exposeString('name', { description: 'Its name for people.' }),
    status: t.field({
      type: TenantStatusEnum,
      description: 'Whether it may go on.',
      resolve: ({ status }) => status,
    }),
    planType: t.field({
      type: PlanTypeEnum,
      nullable: true,
      auth: MAY.readTenants,
      description: 'What it has bought.',
      resolve: ({ planType }) => planType,
    }),
    settings: t.field({
      type: 'JSONObject',
      nullable: true,
      auth: MAY.readTenants,
      description: 'Its settings.',
      // The column holds what the JSONObject input let in.
      resolve: ({ settings }) => settings as JsonObject,
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was opened.',
      resolve: ({ createdAt }) => createdAt,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it changed last.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
  }),
})

builder.asEntity(TenantType, {
  key: [builder.selection<{ id: string }>('id'), builder.selection<{ code: string }>('code')],
  resolveReference: (key, { tenants }) =>
    'id' in key ? tenants.byId(key.id) : tenants.byCode(key.code),
})

export const TenantConnection = builder.connectionObject({
  type: TenantType,
  name: 'TenantConnection',
})

const TenantWhere = createWhereInput(builder, 'TenantWhere', {
  id: 'ID',
  code: 'String',
  name: 'String',
  status: TenantStatusEnum as never,
  createdAt: 'DateTime',
})

const TenantOrder = createOrderInput(builder, 'TenantOrder', {
  CODE: 'code',
  NAME: 'name',
  CREATED_AT: 'createdAt',
})

builder.queryFields((t) => ({
  tenant: t.field({
    type: TenantType,
    nullable: true,
    auth: MAY.readTenants,
    description: 'One tenant within reach, by id or by code.',
    args: {
      id: t.arg.id({ description: 'Its id.' }),
      code: t.arg.string({ description: 'Its code.' }),
    },
    resolve: (_root, key, { tenants }) => tenants.byKey(key),
  }),
  tenants: t.connection(
    {
      type: TenantType,
      nullable: true,
      auth: MAY.readTenants,
      description: 'The tenants within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: TenantWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [TenantOrder], description: 'In which order; by id at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { tenants }) =>
        toConnection(await tenants.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    TenantConnection,
  ),
}))

const OpenTenantInput = builder.inputType('OpenTenantInput', {
  description: 'A new tenant.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'A letter a-z, then 1 to 48 of a-z, 0-9 and -. It never changes.',
    }),
    name: t.string({ required: true, description: 'Its name for people, up to 255 characters.' }),
    planType: t.field({ type: PlanTypeEnum, description: 'What it has bought; BASIC if absent.' }),
    settings: t.field({ type: 'JSONObject', description: 'Its settings.' }),
  }),
})

const UpdateTenantInput = builder.inputType('UpdateTenantInput', {
  description: 'What changes of a tenant; what is absent stays.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Which tenant.' }),
    name: t.string({ description: 'Its new name.' }),
    planType: t.field({ type: PlanTypeEnum, description: 'Its new plan; platform only.' }),
    settings: t.field({ type: 'JSONObject', description: 'Its new settings, replacing all.' }),
  }),
})

const TenantIdInput = builder.inputType('TenantIdInput', {
  description: 'Names a tenant.',
  fields: (t) => ({ tenantId: t.id({ required: true, description: 'Which tenant.' }) }),
})

builder.mutationFields((t) => ({
  openTenant: t.field({
    type: TenantType,
    nullable: true,
    auth: MAY.writeTenants,
    description: 'Opens a tenant. Platform only.',
    args: { input: t.arg({ type: OpenTenantInput, required: true, description: 'Whom.' }) },
    resolve: (_root, { input }, { tenants }) => tenants.open(input),
  }),
  updateTenant: t.field({
    type: TenantType,
    nullable: true,
    auth: MAY.writeTenants,
    description: 'Renames a tenant or changes its settings.',
    args: { input: t.arg({ type: UpdateTenantInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { tenants }) => tenants.update(input),
  }),
  suspendTenant: t.field({
    type: TenantType,
    nullable: true,
    auth: MAY.writeTenants,
    description: 'Stops a tenant from adding anything. Platform only.',
    args: { input: t.arg({ type: TenantIdInput, required: true, description: 'Whom.' }) },
    resolve: (_root, { input }, { tenants }) => tenants.suspend(input.tenantId),
  }),
  restoreTenant: t.field({
    type: TenantType,
    nullable: true,
    auth: MAY.writeTenants,
    description: 'Lets a suspended tenant go on. Platform only.',
    args: { input: t.arg({ type: TenantIdInput, required: true, description: 'Whom.' }) },
    resolve: (_root, { input }, { tenants }) => tenants.restore(input.tenantId),
  }),
}))
