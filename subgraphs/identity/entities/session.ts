import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  indexes: [{ properties: ['userId', 'endedAt'] }],
  properties: {
    id: idColumn(),
    userId: refColumn(),
    /** What was signed in for; null with `guildId`: whatever the person's roles suggest. */
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    createdAt: timeColumn(),
    lastUsedAt: timeColumn(),
    endedAt: timeColumn().nullable(),
    /** A word, never personal data: `signed-out`, `revoked`, `reused` … */
    endReason: p.string().length(40).nullable(),
  },
})

/** One sign-in of a person, until it is ended. */
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session)
