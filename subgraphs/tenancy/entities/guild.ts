import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const GuildSchema = defineEntity({
  name: 'Guild',
  tableName: 'guild_settings',
  indexes: [{ name: 'idx_guild_tenant', properties: ['tenantId', 'id'] }],
  properties: {
    id: idColumn(),
    /** The guild's id at Discord, and its id everywhere outside this table. */
    guildId: refColumn().unique(),
    tenantId: refColumn(),
    name: p.string().length(255).fieldName('guild_name'),
    /** The paid features. */
    enterpriseFeatures: p.boolean(),
    /** The stricter rules. */
    complianceMode: p.boolean(),
    /** Logging of reads; changes are always audited. */
    auditLogging: p.boolean(),
    customBranding: p.json<Readonly<Record<string, unknown>>>().nullable(),
    /** Never secrets: those belong to the integrations' own store. */
    integrationConfig: p.json<Readonly<Record<string, unknown>>>().nullable(),
    createdAt: timeColumn(),
    updatedAt: timeColumn(),
  },
})

/** A Discord community of a tenant. */
export class Guild extends GuildSchema.class {}
GuildSchema.setClass(Guild)
