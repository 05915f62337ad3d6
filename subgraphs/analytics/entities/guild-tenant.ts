import { defineEntity } from '@mikro-orm/core'
import { idColumn, refColumn } from '#kernel/db/columns.ts'

const GuildTenantSchema = defineEntity({
  name: 'GuildTenant',
  tableName: 'guild_tenants',
  properties: {
    id: idColumn(),
    guildId: refColumn().unique(),
    tenantId: refColumn(),
  },
})

/** Which tenant a guild belongs to, as tenancy last delivered it. */
export class GuildTenant extends GuildTenantSchema.class {}
GuildTenantSchema.setClass(GuildTenant)
