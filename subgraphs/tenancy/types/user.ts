import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { builder } from '../builder.ts'
import { GuildConnection, GuildType } from './guild.ts'
import { TenantConnection, TenantType } from './tenant.ts'

const UserType = builder.externalRef('User', builder.selection<{ id: string }>('id'))

UserType.implement({
  description: 'A person, known to identity.',
  auth: { authenticated: true },
  externalFields: (t) => ({
    guildIds: t.idList({ description: 'The guilds that identity vouches for.' }),
    tenantIds: t.idList({ description: 'The tenants that identity vouches for.' }),
  }),
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The person’s id.' }),
    guilds: t.connection(
      {
        type: GuildType,
        nullable: true,
        auth: { authenticated: true },
        requires: builder.selection<{ guildIds: string[] }>('guildIds'),
        description: 'Their guilds: all to themselves, to others those within reach.',
        listSize: CONNECTION_SIZE,
        resolve: async ({ id, guildIds }, page, { ownPlaces }) =>
          toConnection(
            await ownPlaces.guildsOf({ userId: id, ids: guildIds }, toForwardPage(page)),
          ),
      },
      GuildConnection,
    ),
    tenants: t.connection(
      {
        type: TenantType,
        nullable: true,
        auth: { authenticated: true },
        requires: builder.selection<{ tenantIds: string[] }>('tenantIds'),
        description: 'Their tenants: all to themselves, to others those within reach.',
        listSize: CONNECTION_SIZE,
        resolve: async ({ id, tenantIds }, page, { ownPlaces }) =>
          toConnection(
            await ownPlaces.tenantsOf({ userId: id, ids: tenantIds }, toForwardPage(page)),
          ),
      },
      TenantConnection,
    ),
  }),
})
