import { defineEntity } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const GuildTenantSchema = defineEntity({
  name: 'GuildTenant',
  tableName: 'guild_tenants',
  indexes: [{ properties: ['tenantId'] }],
  properties: {
    id: idColumn(),
    guildId: refColumn().unique(),
    tenantId: refColumn(),
    /** When tenancy said so; what is older changes nothing. */
    at: timeColumn(),
  },
})

/** Which tenant a guild belongs to, as tenancy last said. */
export class GuildTenant extends GuildTenantSchema.class {}
GuildTenantSchema.setClass(GuildTenant)
