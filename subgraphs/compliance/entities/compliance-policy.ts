import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const CompliancePolicySchema = defineEntity({
  name: 'CompliancePolicy',
  tableName: 'compliance_policies',
  uniques: [{ name: 'uniq_policy_version', properties: ['owner', 'type', 'version'] }],
  properties: {
    id: idColumn(),
    /** Null: a policy of the platform, which holds wherever a tenant has none of its own. */
    tenantId: refColumn().nullable(),
    /** `p` or `t:<tenant>`: a version of a type is taken once in each. */
    owner: p.string().length(22),
    name: p.string().length(100).fieldName('policy_name'),
    /** What it is about: a purpose of consent, such as `terms`, or a word of its owner. */
    type: p.string().length(50).fieldName('policy_type'),
    version: p.string().length(20).fieldName('policy_version'),
    config: p.json<Readonly<Record<string, unknown>>>().fieldName('policy_config').nullable(),
    /** False once it was retired; whether it is in force is a question of dates. */
    isActive: p.boolean(),
    effectiveFrom: timeColumn(),
    /** When it was retired; a successor ends it without a change of its row. */
    effectiveUntil: timeColumn().nullable(),
    /** Null: a service, such as the seed. */
    publishedBy: refColumn().nullable(),
    createdAt: timeColumn(),
    updatedAt: timeColumn(),
  },
})

/** One version of a policy. Its words never change: what changes is a new version. */
export class CompliancePolicy extends CompliancePolicySchema.class {}
CompliancePolicySchema.setClass(CompliancePolicy)
