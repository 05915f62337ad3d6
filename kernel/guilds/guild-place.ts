import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn } from '../db/columns.ts'

const GuildPlaceSchema = defineEntity({
  name: 'GuildPlace',
  tableName: 'guild_tenants',
  properties: {
    id: idColumn(),
    guildId: refColumn().unique(),
    tenantId: refColumn(),
    /** The paid features. */
    enterpriseFeatures: p.boolean().default(false),
    /** The stricter rules. */
    complianceMode: p.boolean().default(false),
    /** Whether reads are logged too; changes always are. */
    auditLogging: p.boolean().default(false),
  },
})

/** Which tenant a guild belongs to and how it is run, as tenancy last delivered it. */
export class GuildPlace extends GuildPlaceSchema.class {}
GuildPlaceSchema.setClass(GuildPlace)
