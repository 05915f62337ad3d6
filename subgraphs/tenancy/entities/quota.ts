import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const RESET_PERIODS = ['none', 'hourly', 'daily', 'monthly'] as const
export type ResetPeriod = (typeof RESET_PERIODS)[number]

const QuotaSchema = defineEntity({
  name: 'Quota',
  tableName: 'tenant_resources',
  uniques: [{ name: 'idx_tenant_resource', properties: ['tenantId', 'resource'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    resource: p.string().length(50).fieldName('resource_type'),
    /** Units in one period; null is without limit. */
    limit: bigColumn().fieldName('quota_limit').nullable(),
    /** Units used since `lastReset`. */
    usage: bigColumn().fieldName('current_usage'),
    resetPeriod: p.string().length(20).$type<ResetPeriod>(),
    /** Start of the period that `usage` counts; never earlier than that of any use. */
    lastReset: timeColumn(),
  },
})

/** How much of a resource a tenant may use in a period. */
export class Quota extends QuotaSchema.class {}
QuotaSchema.setClass(Quota)
