import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  indexes: [{ properties: ['userId', 'endedAt'] }, { properties: ['tenantId', 'lastUsedAt'] }],
  properties: {
    id: idColumn(),
    userId: refColumn(),
    /** Where it stands: as named at sign-in, else where the rights led that its tokens carry. */
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    /** Whether the place was named at sign-in; else each refresh looks anew where the roles lead. */
    isPlaceNamed: p.boolean().default(false),
    createdAt: timeColumn(),
    lastUsedAt: timeColumn(),
    endedAt: timeColumn().nullable(),
    /** A word, never personal data: `signed-out`, `revoked`, `reused` … */
    endReason: p.string().length(40).nullable(),
  },
})

/** One sign-in of a person, until it is ended. */
export class Session extends SessionSchema.class {
  /** The place to look for rights at; both null: wherever the roles lead. */
  askedPlace() {
    const { tenantId = null, guildId = null } = this
    return this.isPlaceNamed ? { tenantId, guildId } : { tenantId: null, guildId: null }
  }
}
SessionSchema.setClass(Session)
