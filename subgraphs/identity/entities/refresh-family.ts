import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const RefreshFamilySchema = defineEntity({
  name: 'RefreshFamily',
  tableName: 'refresh_families',
  indexes: [{ properties: ['userId', 'revokedAt'] }],
  properties: {
    id: idColumn(),
    sessionId: refColumn().unique(),
    userId: refColumn(),
    /** Part of every token's MAC; alone it opens nothing. */
    salt: p.string().length(22),
    /** Sequence of the newest token. */
    seq: p.integer(),
    rotatedAt: timeColumn(),
    /** When the newest token ends unused. */
    expiresAt: timeColumn(),
    /** When the family ends whatever happens. */
    absoluteExpiresAt: timeColumn(),
    revokedAt: timeColumn().nullable(),
  },
})

/** All refresh tokens of one session in one row, so that they cannot fork. */
export class RefreshFamily extends RefreshFamilySchema.class {}
RefreshFamilySchema.setClass(RefreshFamily)
