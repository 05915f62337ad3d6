import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  indexes: [{ properties: ['userId'] }, { properties: ['tenantId'] }],
  properties: {
    id: idColumn(),
    /** The readable part of the key, ten characters. */
    publicId: p.string().length(10).unique(),
    userId: refColumn(),
    /** Where it works; null with `guildId`: on the whole platform. */
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    name: p.string().length(100),
    /** SHA-256 of the secret part, which has 190 random bits: a slow hash would add nothing. */
    secretHash: p.string().length(43),
    /** The secret before the last rotation, until `previousEndsAt`. */
    previousHash: p.string().length(43).nullable(),
    previousEndsAt: timeColumn().nullable(),
    scopes: p.json<string[]>(),
    createdAt: timeColumn(),
    expiresAt: timeColumn().nullable(),
    revokedAt: timeColumn().nullable(),
    /** Exact to a minute. */
    lastUsedAt: timeColumn().nullable(),
  },
})

/** A key with which a program acts for a person. */
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey)
