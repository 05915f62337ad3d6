import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const CUSTOMIZATION_TYPES = ['branding', 'messages', 'locale'] as const
export type CustomizationType = (typeof CUSTOMIZATION_TYPES)[number]

const CustomizationSchema = defineEntity({
  name: 'Customization',
  tableName: 'tenant_customizations',
  indexes: [{ name: 'idx_tenant_type', properties: ['tenantId', 'type'] }],
  uniques: [{ name: 'uniq_customization_version', properties: ['tenantId', 'type', 'version'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    type: p.string().length(50).fieldName('customization_type').$type<CustomizationType>(),
    data: p.json<Readonly<Record<string, unknown>>>().fieldName('customization_data'),
    /** One version of a type is active; the others are its history. */
    isActive: p.boolean(),
    /** Counts from 1 within tenant and type. */
    version: p.integer(),
    createdAt: timeColumn(),
  },
})

/** What a tenant made its own: branding, messages, locale. A change is a new row. */
export class Customization extends CustomizationSchema.class {}
CustomizationSchema.setClass(Customization)
