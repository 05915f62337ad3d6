import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { PrivacyConsent } from '../entities/privacy-consent.ts'
import { MAY } from '../scopes.ts'
import { GuildType } from './guild.ts'
import { PolicyType } from './policy.ts'
import { TenantType } from './tenant.ts'
import { UserType } from './user.ts'

export const ConsentChannelEnum = builder.enumType('ConsentChannel', {
  description: 'Where somebody said it.',
  values: {
    WEB: { value: 'web', description: 'On a page.' },
    DISCORD: { value: 'discord', description: 'In Discord.' },
    API: { value: 'api', description: 'Through a program.' },
    SUPPORT: { value: 'support', description: 'To somebody who wrote it down.' },
  } as const,
})

const ConsentEndingEnum = builder.enumType('ConsentEnding', {
  description: 'How a consent ended.',
  values: {
    WITHDRAWN: { value: 'withdrawn', description: 'It was taken back.' },
    SUPERSEDED: { value: 'superseded', description: 'One to another version followed.' },
  } as const,
})

const userOf = (id: string | null | undefined) => (id == null ? null : { id })

export const ConsentType = builder.objectRef<PrivacyConsent>('Consent').implement({
  description: 'One consent from its grant to its end; a later one is another.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Who agreed.',
      resolve: ({ userId }) => ({ id: userId }),
    }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      description: 'The tenant to whom it was given.',
      resolve: ({ tenantId }) => ({ id: tenantId }),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'The guild in which it was given, if in one; it holds in the whole tenant.',
      resolve: ({ guildId }) => (guildId == null ? null : { id: guildId }),
    }),
    purpose: t.exposeString('purpose', { description: 'What was agreed to, such as terms.' }),
    version: t.exposeString('version', { description: 'In which version.' }),
    policy: t.field({
      type: PolicyType,
      nullable: true,
      description: 'The policy that was agreed to; null where the purpose had none.',
      resolve: ({ policyId }, _args, { policies }) =>
        policyId == null ? null : policies.acrossTenantsById(policyId),
    }),
    isStanding: t.exposeBoolean('isStanding', { description: 'Whether it stands.' }),
    channel: t.field({
      type: ConsentChannelEnum,
      description: 'Where it was given.',
      resolve: ({ channel }) => channel,
    }),
    grantedAt: t.field({
      type: 'DateTime',
      description: 'When it was given.',
      resolve: ({ grantedAt }) => grantedAt,
    }),
    recordedBy: t.field({
      type: UserType,
      nullable: true,
      description: 'Who wrote it down if not the person.',
      resolve: ({ recordedBy }) => userOf(recordedBy),
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while it stands.',
      resolve: ({ endedAt }) => endedAt ?? null,
    }),
    ending: t.field({
      type: ConsentEndingEnum,
      nullable: true,
      description: 'How it ended; null while it stands.',
      resolve: ({ ending }) => ending ?? null,
    }),
    withdrawnChannel: t.field({
      type: ConsentChannelEnum,
      nullable: true,
      description: 'Where it was withdrawn; null where it was not.',
      resolve: ({ withdrawnChannel }) => withdrawnChannel ?? null,
    }),
    withdrawalRecordedBy: t.field({
      type: UserType,
      nullable: true,
      description: 'Who wrote the withdrawal down if not the person.',
      resolve: ({ withdrawalRecordedBy }) => userOf(withdrawalRecordedBy),
    }),
  }),
})

const ConsentConnection = builder.connectionObject({
  type: ConsentType,
  name: 'ConsentConnection',
})

builder.objectFields(UserType, (t) => ({
  consents: t.connection(
    {
      type: ConsentType,
      nullable: true,
      auth: { authenticated: true },
      description:
        'All of one’s own, in whatever tenant; of others those within reach, with consents:read. By id, forward only.',
      listSize: CONNECTION_SIZE,
      args: {
        standingOnly: t.arg.boolean({ description: 'Only those that stand; all if absent.' }),
      },
      resolve: async ({ id }, { standingOnly, ...page }, { consents }) =>
        toConnection(
          await consents.ofUser(id, {
            ...toForwardPage(page),
            standingOnly: standingOnly ?? false,
          }),
        ),
    },
    ConsentConnection,
  ),
}))

export const ConsentWhere = createWhereInput(builder, 'ConsentWhere', {
  id: 'ID',
  userId: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  purpose: 'String',
  version: 'String',
  isStanding: 'Boolean',
  channel: ConsentChannelEnum as never,
  grantedAt: 'DateTime',
  endedAt: 'DateTime',
})

const ConsentOrder = createOrderInput(builder, 'ConsentOrder', {
  USER_ID: 'userId',
  PURPOSE: 'purpose',
  GRANTED_AT: 'grantedAt',
})

builder.queryFields((t) => ({
  consent: t.field({
    type: ConsentType,
    nullable: true,
    auth: { authenticated: true },
    description: 'One consent: your own, or one within reach with consents:read.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { consents }) => consents.byId(id),
  }),
  consents: t.connection(
    {
      type: ConsentType,
      nullable: true,
      auth: MAY.readConsents,
      description: 'The consents within reach, ended ones included.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: ConsentWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [ConsentOrder], description: 'In which order; by id at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { consents }) =>
        toConnection(await consents.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    ConsentConnection,
  ),
}))
