import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

/** What an event says beside its columns: ids and plain words, never personal data. */
export type SecurityEventDetails = Record<string, string | number | boolean | null | string[]>

const SecurityEventSchema = defineEntity({
  name: 'SecurityEvent',
  tableName: 'security_events',
  indexes: [
    { name: 'idx_event_type_time', properties: ['eventType', 'at'] },
    { name: 'idx_user_time', properties: ['userId', 'at'] },
    { properties: ['tenantId', 'at'] },
  ],
  properties: {
    id: idColumn(),
    eventType: p.string().length(100),
    /** Whom it concerns; null when nobody known. */
    userId: refColumn().nullable(),
    /** Who did it; null for the person himself before he was known, and for the platform. */
    actorId: refColumn().nullable(),
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    /** Ciphertext under the key of whoever did it, else of whom it concerns; of strangers a hash. */
    ipAddress: p.string().length(255).nullable(),
    /** Ciphertext under the same key, or absent. */
    userAgent: p.text().nullable(),
    details: p.json<SecurityEventDetails>().fieldName('event_data'),
    /** 0 to 1; null when nothing judged it. */
    riskScore: p.decimal('number').precision(5).scale(4).nullable(),
    requestId: p.string().length(64).nullable(),
    at: timeColumn().fieldName('timestamp'),
  },
})

/** A sign-in, a refusal or a changed right. */
export class SecurityEvent extends SecurityEventSchema.class {}
SecurityEventSchema.setClass(SecurityEvent)
