import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const CONSENT_CHANNELS = ['web', 'discord', 'api', 'support'] as const
export type ConsentChannel = (typeof CONSENT_CHANNELS)[number]

/** How a consent ended: taken back, or followed by one to another version. */
export type ConsentEnding = 'withdrawn' | 'superseded'

const PrivacyConsentSchema = defineEntity({
  name: 'PrivacyConsent',
  tableName: 'privacy_consents',
  indexes: [
    { name: 'idx_user_consent', properties: ['userId', 'purpose'] },
    { name: 'idx_consent_tenant', properties: ['tenantId', 'id'] },
  ],
  properties: {
    id: idColumn(),
    userId: refColumn(),
    tenantId: refColumn(),
    /** The guild in which it was given; it holds in the whole tenant. */
    guildId: refColumn().nullable(),
    purpose: p.string().length(50).fieldName('consent_type'),
    /** Whether it stands. */
    isStanding: p.boolean().fieldName('consent_status'),
    data: p.json<Readonly<Record<string, unknown>>>().fieldName('consent_data').nullable(),
    version: p.string().length(20).fieldName('policy_version'),
    /** The policy that was agreed to; null for a purpose that had none. */
    policyId: refColumn().nullable(),
    channel: p.string().length(20).$type<ConsentChannel>(),
    /** Who wrote it down if not the person. */
    recordedBy: refColumn().nullable(),
    grantedAt: timeColumn(),
    endedAt: timeColumn().fieldName('revoked_at').nullable(),
    ending: p.string().length(20).$type<ConsentEnding>().nullable(),
    withdrawnChannel: p.string().length(20).$type<ConsentChannel>().nullable(),
    withdrawalRecordedBy: refColumn().nullable(),
    /** `<user>:<tenant>:<purpose>` while it stands, then null: one stands at most. */
    standing: p.string().length(100).nullable().unique(),
  },
})

/** One consent from its grant to its end. A later one is another row, so that all of them stay told. */
export class PrivacyConsent extends PrivacyConsentSchema.class {}
PrivacyConsentSchema.setClass(PrivacyConsent)
