import { defineEntity, p } from '@mikro-orm/core'
import type { AuditOutcome } from '#kernel/audit/audit.ts'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

/** Which entries a rule counts; an absent part means any. */
export type AlertMatch = {
  /** An action, or its beginning followed by `*`. */
  action: string | null
  outcome: AuditOutcome | null
  resourceType: string | null
  actorId: string | null
}

const AlertRuleSchema = defineEntity({
  name: 'AlertRule',
  tableName: 'alert_rules',
  uniques: [{ name: 'uniq_alert_rule_name', properties: ['owner', 'name'] }],
  indexes: [{ name: 'idx_alert_rule_tenant', properties: ['tenantId', 'isActive'] }],
  properties: {
    id: idColumn(),
    /** Null: the platform's own entries. */
    tenantId: refColumn().nullable(),
    /** Null: every entry of the tenant. */
    guildId: refColumn().nullable(),
    /** Guild, else tenant, else `platform`: names are unique within it. */
    owner: p.string().length(40),
    name: p.string().length(100),
    match: p.json<AlertMatch>().fieldName('matches'),
    /** How many entries within the window raise an alert. */
    threshold: p.integer(),
    windowSeconds: p.integer(),
    isActive: p.boolean(),
    createdBy: refColumn().nullable(),
    updatedAt: timeColumn(),
  },
})

/** What is worth telling of when it happens so often in so short a time. */
export class AlertRule extends AlertRuleSchema.class {}
AlertRuleSchema.setClass(AlertRule)
