import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import type { JsonObject } from '#kernel/graphql/scalars.ts'
import { builder } from '../builder.ts'
import type { CompliancePolicy } from '../entities/compliance-policy.ts'
import { MAY } from '../scopes.ts'
import { TenantType } from './tenant.ts'
import { UserType } from './user.ts'

const PolicyStatusEnum = builder.enumType('PolicyStatus', {
  description: 'Where a version of a policy stands now.',
  values: {
    SCHEDULED: { value: 'scheduled', description: 'It will come into force.' },
    IN_FORCE: { value: 'in_force', description: 'It holds.' },
    SUPERSEDED: { value: 'superseded', description: 'A later version took its place.' },
    RETIRED: { value: 'retired', description: 'It was ended by retirePolicy.' },
  } as const,
})

export const PolicyType = builder.objectRef<CompliancePolicy>('CompliancePolicy').implement({
  description: 'One version of a policy; it never changes, what changes is a new version.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    type: t.exposeString('type', {
      description: 'What it is about: a purpose of consent, such as terms, or another word.',
    }),
    name: t.exposeString('name', { description: 'Its name for people.' }),
    version: t.exposeString('version', { description: 'Its version, such as 1.0.' }),
    config: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'Its text, summary or figures.',
      // The column holds what the JSONObject input let in.
      resolve: ({ config }) => (config ?? null) as JsonObject | null,
    }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      description: 'Whose it is; null for one of the platform, which holds where none is own.',
      resolve: ({ tenantId }) => (tenantId == null ? null : { id: tenantId }),
    }),
    status: t.field({
      type: PolicyStatusEnum,
      description: 'Where it stands now.',
      resolve: (policy, _args, { policies }) => policies.statusOf(policy),
    }),
    isActive: t.exposeBoolean('isActive', {
      description: 'False once it was retired; whether it holds now is what `status` says.',
    }),
    effectiveFrom: t.field({
      type: 'DateTime',
      description: 'From when on it holds.',
      resolve: ({ effectiveFrom }) => effectiveFrom,
    }),
    effectiveUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was retired or is followed by the next version; null while neither.',
      resolve: (policy, _args, { policies }) => policies.endOf(policy),
    }),
    publishedBy: t.field({
      type: UserType,
      nullable: true,
      auth: MAY.readPolicies,
      description: 'Who published it; null for the platform’s own seed.',
      resolve: ({ publishedBy }) => (publishedBy == null ? null : { id: publishedBy }),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was published.',
      resolve: ({ createdAt }) => createdAt,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it was published or retired.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
  }),
})

const PolicyConnection = builder.connectionObject({
  type: PolicyType,
  name: 'CompliancePolicyConnection',
})

const PolicyWhere = createWhereInput(builder, 'CompliancePolicyWhere', {
  id: 'ID',
  tenantId: 'ID',
  type: 'String',
  name: 'String',
  version: 'String',
  isActive: 'Boolean',
  effectiveFrom: 'DateTime',
  createdAt: 'DateTime',
})

const PolicyOrder = createOrderInput(builder, 'CompliancePolicyOrder', {
  TYPE: 'type',
  EFFECTIVE_FROM: 'effectiveFrom',
  CREATED_AT: 'createdAt',
})

builder.queryFields((t) => ({
  policies: t.connection(
    {
      type: PolicyType,
      nullable: true,
      auth: MAY.readPolicies,
      description: 'The policies within reach and the platform’s, in every version.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: PolicyWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [PolicyOrder], description: 'In which order; by id at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { policies }) =>
        toConnection(await policies.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    PolicyConnection,
  ),
  policyInForce: t.field({
    type: PolicyType,
    nullable: true,
    auth: MAY.readPolicies,
    description:
      'What holds at a time: the tenant’s own version, or where it has none the platform’s.',
    args: {
      type: t.arg.string({ required: true, description: 'What it is about.' }),
      at: t.arg({ type: 'DateTime', description: 'When; now if absent.' }),
      tenantId: t.arg.id({ description: 'For which tenant; your own if absent.' }),
    },
    resolve: (_root, question, { policies }) => policies.inForce(question),
  }),
}))

const PublishPolicyInput = builder.inputType('PublishPolicyInput', {
  description: 'A new version of a policy.',
  fields: (t) => ({
    type: t.string({
      required: true,
      description: 'What it is about: a letter a-z, then 1 to 49 of a-z, 0-9 and _.',
    }),
    name: t.string({ required: true, description: 'Its name for people, up to 100 characters.' }),
    version: t.string({
      required: true,
      description: 'A version that this type never had, 1 to 20 of A-Z, a-z, 0-9, _, . and -.',
    }),
    config: t.field({ type: 'JSONObject', description: 'Its text, summary or figures; to 64 kB.' }),
    effectiveFrom: t.field({
      type: 'DateTime',
      description: 'From when on it holds, now or later; now if absent.',
    }),
    tenantId: t.id({ description: 'Whose it is; absent for your own tenant or the platform.' }),
  }),
})

const RetirePolicyInput = builder.inputType('RetirePolicyInput', {
  description: 'Which version of a policy ends without a successor.',
  fields: (t) => ({
    policyId: t.id({ required: true, description: 'The id of this version, as in policies.' }),
  }),
})

builder.mutationFields((t) => ({
  publishPolicy: t.field({
    type: PolicyType,
    nullable: true,
    auth: MAY.writePolicies,
    description:
      'Publishes a version, in force now or later; it takes the place of the one before, and never changes afterwards.',
    args: { input: t.arg({ type: PublishPolicyInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { policies }) => policies.publish(input),
  }),
  retirePolicy: t.field({
    type: PolicyType,
    nullable: true,
    auth: MAY.writePolicies,
    description:
      'Ends a version of a policy for good, now or before it begins. Where it was in force nothing of its type is afterwards, or for a tenant the platform’s version; earlier versions do not come back. To replace it, publish the next version instead. A second time changes nothing.',
    args: { input: t.arg({ type: RetirePolicyInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { policies }) => policies.retire(input.policyId),
  }),
}))
