import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const GuildTenantSchema = defineEntity({
  name: 'GuildTenant',
  tableName: 'guild_tenants',
  indexes: [{ properties: ['tenantId'] }],
  properties: {
    id: idColumn(),
    guildId: refColumn().unique(),
    tenantId: refColumn(),
    /** Whether reads in it are logged too; changes always are. */
    auditLogging: p.boolean().default(false),
    /** When tenancy said so; what is older changes nothing. */
    at: timeColumn(),
  },
})

/** Which tenant a guild belongs to and whether reads in it are logged, as tenancy last said. */
export class GuildTenant extends GuildTenantSchema.class {}
GuildTenantSchema.setClass(GuildTenant)
