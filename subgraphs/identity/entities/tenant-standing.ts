import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const TenantStandingSchema = defineEntity({
  name: 'TenantStanding',
  tableName: 'tenant_standings',
  properties: {
    id: idColumn(),
    tenantId: refColumn().unique(),
    isSuspended: p.boolean(),
    /** When tenancy said so; what is older changes nothing. */
    at: timeColumn(),
  },
})

/** Whether a tenant is suspended, as tenancy last said; one without a row never was. */
export class TenantStanding extends TenantStandingSchema.class {}
TenantStandingSchema.setClass(TenantStanding)
