import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { TenancyNews } from '../services/live.ts'
import { GuildType } from './guild.ts'
import { TenantType } from './tenant.ts'

const TenancyNewsType = builder.objectRef<TenancyNews>('TenancyNews').implement({
  description: 'One change of a tenant or of what belongs to it.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'What happened, such as guild.registered.' }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
    seq: t.exposeInt('seq', { description: 'Its place in the feed of the tenant.' }),
    targetType: t.string({
      description: 'What changed: tenant, guild, quota, customization or flag.',
      resolve: ({ payload }) => payload.target.type,
    }),
    targetId: t.string({
      description: 'Its id, or its name within the tenant.',
      resolve: ({ payload }) => payload.target.id,
    }),
    details: t.field({
      type: 'JSONObject',
      description: 'What is worth telling of it.',
      resolve: ({ details }) => details,
    }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      auth: MAY.readTenants,
      description: 'Whose feed it is, as it stands now.',
      resolve: ({ payload }, _args, { tenants }) => tenants.byId(payload.tenantId),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      auth: MAY.readGuilds,
      description: 'The guild that changed, as it stands now; null where it is another thing.',
      resolve: ({ payload }, _args, { guilds }) =>
        payload.target.type === 'guild' ? guilds.byId(payload.target.id) : null,
    }),
  }),
})

builder.subscriptionField('tenancyChanged', (t) =>
  t.field({
    type: TenancyNewsType,
    nullable: true,
    auth: MAY.readTenants,
    description: 'What changes in one tenant, live; resumes from the last cursor seen.',
    args: { tenantId: t.arg.id({ required: true, description: 'Which tenant.' }) },
    subscribe: (_root, { tenantId }, { live }) => live.follow(tenantId),
    resolve: (event, _args, { live }) => live.toNews(event),
  }),
)
