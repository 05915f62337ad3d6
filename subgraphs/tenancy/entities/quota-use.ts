import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const QuotaUseSchema = defineEntity({
  name: 'QuotaUse',
  tableName: 'quota_uses',
  uniques: [{ name: 'uniq_quota_use_key', properties: ['tenantId', 'key'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    resource: p.string().length(50).fieldName('resource_type'),
    key: p.string().length(64).fieldName('idempotency_key'),
    amount: bigColumn(),
    /** Start of the period that was charged: a release gives back to no other. */
    periodStart: timeColumn(),
    at: timeColumn(),
    releasedAt: timeColumn().nullable(),
  },
})

/** One use of a quota under its key, so that a repetition counts nothing. */
export class QuotaUse extends QuotaUseSchema.class {}
QuotaUseSchema.setClass(QuotaUse)
