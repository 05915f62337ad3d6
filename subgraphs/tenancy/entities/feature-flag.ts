import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const FeatureFlagSchema = defineEntity({
  name: 'FeatureFlag',
  tableName: 'feature_flags',
  uniques: [{ name: 'uniq_tenant_flag', properties: ['tenantId', 'key'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    key: p.string().length(50).fieldName('flag_key'),
    isEnabled: p.boolean(),
    /** Share of subjects that get the feature while it is enabled, 0 to 100. */
    rolloutPercent: p.integer(),
    description: p.string().length(500),
    createdAt: timeColumn(),
    updatedAt: timeColumn(),
  },
})

/** A switch of one tenant for one feature. */
export class FeatureFlag extends FeatureFlagSchema.class {}
FeatureFlagSchema.setClass(FeatureFlag)
