import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import type { JsonObject } from '#kernel/graphql/scalars.ts'
import { builder } from '../builder.ts'
import type { Guild } from '../entities/guild.ts'
import { MAY } from '../scopes.ts'
import { TenantType } from './tenant.ts'

const GuildSettings = builder.objectRef<Guild>('GuildSettings').implement({
  description: 'How a guild is run.',
  fields: (t) => ({
    enterpriseFeatures: t.exposeBoolean('enterpriseFeatures', {
      description: 'Whether it has the paid features.',
    }),
    complianceMode: t.exposeBoolean('complianceMode', {
      description: 'Whether the stricter rules hold.',
    }),
    auditLogging: t.exposeBoolean('auditLogging', {
      description: 'Whether reads are logged too; changes always are.',
    }),
    customBranding: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'Its own branding; null where it shows that of its tenant.',
      // The column holds what the JSONObject input let in.
      resolve: ({ customBranding }) => (customBranding ?? null) as JsonObject | null,
    }),
    integrationConfig: t.field({
      type: 'JSONObject',
      nullable: true,
      auth: MAY.writeGuilds,
      description: 'How it is connected to other systems; holds no secrets.',
      resolve: ({ integrationConfig }) => (integrationConfig ?? null) as JsonObject | null,
    }),
  }),
})

/** What names a guild is open to everybody who sees its row; the row is seen by reach alone. */
export const GuildType = builder.objectRef<Guild>('Guild').implement({
  description: 'A Discord community of a tenant.',
  auth: { public: true },
  fields: (t) => ({
    id: t.id({ description: 'Its id at Discord.', resolve: ({ guildId }) => guildId }),
    name: t.exposeString('name', { description: 'Its name for people.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was registered.',
      resolve: ({ createdAt }) => createdAt,
    }),
    settings: t.field({
      type: GuildSettings,
      nullable: true,
      auth: MAY.readGuilds,
      description: 'How it is run.',
      resolve: (guild) => guild,
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

builder.asEntity(GuildType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }, { guilds }) => guilds.byId(id),
})

export const GuildConnection = builder.connectionObject({
  type: GuildType,
  name: 'GuildConnection',
})

builder.objectField(TenantType, 'guilds', (t) =>
  t.connection(
    {
      type: GuildType,
      nullable: true,
      auth: MAY.readGuilds,
      description: 'Its guilds within reach, forward by id.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { guilds }) =>
        toConnection(await guilds.ofTenant(id, toForwardPage(page))),
    },
    GuildConnection,
  ),
)

const GuildWhere = createWhereInput(builder, 'GuildWhere', {
  guildId: 'ID',
  tenantId: 'ID',
  name: 'String',
  enterpriseFeatures: 'Boolean',
  complianceMode: 'Boolean',
  createdAt: 'DateTime',
})

const GuildOrder = createOrderInput(builder, 'GuildOrder', {
  NAME: 'name',
  CREATED_AT: 'createdAt',
})

builder.queryFields((t) => ({
  guild: t.field({
    type: GuildType,
    nullable: true,
    auth: MAY.readGuilds,
    description: 'One guild within reach.',
    args: { id: t.arg.id({ required: true, description: 'Its id at Discord.' }) },
    resolve: (_root, { id }, { guilds }) => guilds.byId(id),
  }),
  guilds: t.connection(
    {
      type: GuildType,
      nullable: true,
      auth: MAY.readGuilds,
      description: 'The guilds within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: GuildWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [GuildOrder], description: 'In which order; by age at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { guilds }) =>
        toConnection(await guilds.page({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    GuildConnection,
  ),
}))
