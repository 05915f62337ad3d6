import { defineEntity, p } from '@mikro-orm/core'
import type { AuditEntry, AuditOutcome } from '#kernel/audit/audit.ts'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

/** What kind of viewer acted. */
export const ACTOR_KINDS = ['anonymous', 'user', 'key', 'service'] as const
export type ActorKind = (typeof ACTOR_KINDS)[number]

export type AuditDetails = NonNullable<AuditEntry['details']>

const AuditLogSchema = defineEntity({
  name: 'AuditLog',
  tableName: 'audit_logs',
  uniques: [
    { name: 'uniq_audit_delivery', properties: ['source', 'deliveryKey'] },
    { name: 'uniq_audit_place', properties: ['chain', 'seq'] },
  ],
  indexes: [
    { name: 'idx_action_time', properties: ['action', 'at'] },
    { name: 'idx_user_action', properties: ['userId', 'action'] },
    { name: 'idx_audit_tenant', properties: ['tenantId', 'id'] },
    { name: 'idx_audit_tenant_time', properties: ['tenantId', 'at'] },
    { name: 'idx_audit_guild', properties: ['guildId', 'id'] },
    { name: 'idx_audit_resource', properties: ['resourceType', 'resourceId', 'at'] },
  ],
  properties: {
    /** Given out without gaps over all chains, and hashed with the entry. */
    id: idColumn(),
    /** Null for entries of the platform, which the platform alone sees. */
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    chain: p.string().length(40),
    /** Dense within the chain: 1, 2, 3, … */
    seq: p.bigint('number').unsigned(false),
    /** The subgraph that told of it, and the key under which it did. */
    source: p.string().length(30),
    deliveryKey: p.string().length(64),
    /** Who acted, as a pseudonym; null where nobody known did. */
    userId: refColumn().nullable(),
    actorKind: p.string().length(10).$type<ActorKind>(),
    keyId: p.string().length(64).nullable(),
    sessionId: p.string().length(64).nullable(),
    serviceName: p.string().length(32).nullable(),
    requestId: p.string().length(64),
    action: p.string().length(100).fieldName('action_type'),
    outcome: p.string().length(10).$type<AuditOutcome>(),
    resourceType: p.string().length(50),
    /** Only where the resource's id is a number. */
    resourceNumber: refColumn().fieldName('resource_id').nullable(),
    /** The resource's id as it was told; null where a list was meant. */
    resourceId: p.string().length(50).fieldName('resource_key').nullable(),
    details: p.json<AuditDetails>().fieldName('action_data'),
    /** Ciphertext under the acting person's key; null without a person. */
    ipAddress: p.string().length(255).nullable(),
    userAgent: p.text().nullable(),
    /** When it happened. */
    at: timeColumn().fieldName('timestamp'),
    /** When it was appended. */
    recordedAt: timeColumn(),
    /** The hashed bytes: RFC 8785 JSON. A database may reorder its own JSON, so these are text. */
    canonical: p.text(),
    /** Hash of the entry before; 64 zeros for the first. */
    prevHash: p.string().length(64),
    /** SHA-256 of `canonical`, in hexadecimal. */
    entryHash: p.string().length(64),
    /** HMAC-SHA256 of the hash under the operator's key: without it no chain can be made anew. */
    entryMac: p.string().length(43),
  },
})

/** Who did what: appended once, never changed (triggers refuse it). */
export class AuditLog extends AuditLogSchema.class {}
AuditLogSchema.setClass(AuditLog)
