import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const AlertSchema = defineEntity({
  name: 'Alert',
  tableName: 'alerts',
  indexes: [
    { name: 'idx_alert_rule', properties: ['ruleId', 'lastEntryAt'] },
    { name: 'idx_alert_tenant', properties: ['tenantId', 'id'] },
  ],
  properties: {
    id: idColumn(),
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    ruleId: refColumn(),
    /** As the rule was called then. */
    ruleName: p.string().length(100),
    /** Entries of this burst so far. */
    count: p.integer(),
    firstEntryId: refColumn(),
    lastEntryId: refColumn(),
    /** When the burst's newest entry happened: the next within the window is counted here. */
    lastEntryAt: timeColumn(),
    at: timeColumn(),
    acknowledgedAt: timeColumn().nullable(),
    acknowledgedBy: refColumn().nullable(),
  },
})

/** Entries that met a rule so often in so short a time. */
export class Alert extends AlertSchema.class {}
AlertSchema.setClass(Alert)
