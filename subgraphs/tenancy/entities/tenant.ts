import { defineEntity, type EventArgs, type FilterQuery, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '#kernel/db/columns.ts'
import { databaseError } from '#kernel/db/errors.ts'
import { reachOf } from '#kernel/db/tenant-filter.ts'

export const TENANT_STATUS = ['active', 'suspended'] as const
export type TenantStatus = (typeof TENANT_STATUS)[number]

export const PLAN_TYPES = ['basic', 'professional', 'enterprise'] as const
export type PlanType = (typeof PLAN_TYPES)[number]

type ReachedEntity = { em: Parameters<typeof reachOf>[0] }

/** The row is the tenant: its border is its own id, which the filter on `tenantId` cannot see. */
function ownRow({ em }: ReachedEntity): FilterQuery<{ id: string }> {
  const reach = reachOf(em)
  if (reach.kind === 'platform') return {}
  return { id: reach.kind === 'none' ? null : reach.tenantId } as FilterQuery<{ id: string }>
}

/** The flush guard's part for a table whose border is its own id; only the platform makes tenants. */
function refuseForeign({ em, entity }: EventArgs<{ id?: string }>): void {
  const reach = reachOf(em)
  if (reach.kind === 'platform') return
  if (reach.kind !== 'none' && entity.id === reach.tenantId) return
  throw databaseError('TENANT_ISOLATION_VIOLATED', { entity: 'Tenant' })
}

const TenantSchema = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  filters: {
    ownTenant: {
      name: 'ownTenant',
      default: true,
      args: false,
      cond: (_none: unknown, _type: string, em: ReachedEntity['em']) => ownRow({ em }),
    },
  },
  hooks: {
    beforeCreate: [refuseForeign],
    beforeUpdate: [refuseForeign],
    beforeDelete: [refuseForeign],
  },
  properties: {
    id: idColumn(),
    name: p.string().length(255).fieldName('tenant_name'),
    code: p.string().length(50).fieldName('tenant_code').unique(),
    status: p.string().length(20).$type<TenantStatus>(),
    planType: p.string().length(50).$type<PlanType>(),
    settings: p.json<Readonly<Record<string, unknown>>>(),
    createdAt: timeColumn(),
    updatedAt: timeColumn(),
  },
})

/** A company on the platform: a bookmaker or community owner. */
export class Tenant extends TenantSchema.class {
  isSuspended(): boolean {
    return this.status === 'suspended'
  }
}
TenantSchema.setClass(Tenant)
