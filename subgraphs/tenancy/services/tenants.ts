import type { Viewer } from '#kernel/auth/viewer.ts'
import { createRowBatch } from '#kernel/db/batches.ts'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { type PlanType, Tenant, type TenantStatus } from '../entities/tenant.ts'
import { tenancyError } from '../errors.ts'
import { requirePlatform, requireWholeTenant } from './access.ts'
import { checkForm, checkText, invalidInput } from './inputs.ts'
import type { TenancyRequest } from './request.ts'
import { lockTenant } from './tenant-lock.ts'

type Settings = Readonly<Record<string, unknown>>

export type NewTenant = {
  code: string
  name: string
  planType?: PlanType | null | undefined
  settings?: Settings | null | undefined
}

export type TenantUpdate = {
  tenantId: string
  name?: string | null | undefined
  planType?: PlanType | null | undefined
  settings?: Settings | null | undefined
}

/** Names a tenant by its id or by its code. */
export type TenantKey = { id?: string | null | undefined; code?: string | null | undefined }

const LONGEST_NAME = 255

const createTenantBatch = (em: () => SqlEntityManager) =>
  createRowBatch(
    (ids) => em().find(Tenant, { id: { $in: [...ids] } }),
    (tenant: Tenant) => tenant.id,
  )

export type Tenants = ReturnType<typeof createTenants>

/** Tenants: who they are and whether they may go on. */
export function createTenants(request: TenancyRequest) {
  const { read, acrossTenants } = request
  const byReach = createTenantBatch(read)
  const acrossTenantsById = createTenantBatch(acrossTenants)
  const byId = async (id: string) => (isDecimalId(id) ? byReach(id) : null)
  const byCode = (code: string) => read().findOne(Tenant, { code })
  return {
    open: (input: NewTenant) => openTenant(request, input),
    update: (input: TenantUpdate) => updateTenant(request, input),
    suspend: (tenantId: string) => changeStatus(request, tenantId, 'suspended'),
    restore: (tenantId: string) => changeStatus(request, tenantId, 'active'),
    byId,
    byCode,
    /** By exactly one of the two. @throws TENANCY_INPUT_INVALID */
    byKey: ({ id, code }: TenantKey) => {
      if (id != null && code == null) return byId(id)
      if (id == null && code != null) return byCode(code)
      throw invalidInput('id', 'either an id or a code')
    },
    /** The tenants behind ids that identity vouched for as the viewer's own. */
    acrossTenantsOfOwn: (ids: readonly string[]) => Promise.all(ids.map(acrossTenantsById)),
    page: (query: ListQuery<Tenant>) => findList(read(), Tenant, query),
  }
}

async function openTenant({ em, viewer, clock, changes }: TenancyRequest, input: NewTenant) {
  requirePlatform(viewer)
  const code = checkForm('code', input.code)
  const name = checkText('name', input.name, LONGEST_NAME)
  return transactional(em, async (tx) => {
    const now = clock.now()
    const tenant = tx.create(Tenant, {
      code,
      name,
      status: 'active',
      planType: input.planType ?? 'basic',
      settings: input.settings ?? {},
      createdAt: now,
      updatedAt: now,
    })
    if (!(await flushUnlessTaken(tx))) throw tenancyError('TENANT_CODE_TAKEN', { code })
    const target = { type: 'tenant', id: tenant.id } as const
    await changes.record(tx, { action: 'tenant.opened', tenantId: tenant.id, target })
    return tenant
  })
}

/** What an update would change of a tenant, checked. @throws PLATFORM_ONLY for another plan */
function toTenantChange(viewer: Viewer, tenant: Tenant, input: TenantUpdate): Partial<Tenant> {
  const name = input.name == null ? tenant.name : checkText('name', input.name, LONGEST_NAME)
  const planType = input.planType ?? tenant.planType
  // A plan is bought from the platform, not set by its holder.
  if (planType !== tenant.planType) requirePlatform(viewer)
  return {
    ...(name !== tenant.name && { name }),
    ...(planType !== tenant.planType && { planType }),
    ...(input.settings && { settings: input.settings }),
  }
}

async function updateTenant(request: TenancyRequest, input: TenantUpdate) {
  const { em, viewer, clock, changes } = request
  requireWholeTenant(viewer)
  return transactional(em, async (tx) => {
    const tenant = await lockTenant(tx, input.tenantId)
    const change = toTenantChange(viewer, tenant, input)
    const changed = Object.keys(change)
    if (changed.length === 0) return tenant
    tx.assign(tenant, { ...change, updatedAt: clock.now() })
    await tx.flush()
    await changes.record(tx, {
      action: 'tenant.updated',
      tenantId: tenant.id,
      target: { type: 'tenant', id: tenant.id },
      details: { changed },
    })
    return tenant
  })
}

async function changeStatus(request: TenancyRequest, tenantId: string, status: TenantStatus) {
  const { em, viewer, clock, changes } = request
  requirePlatform(viewer)
  return transactional(em, async (tx) => {
    const tenant = await lockTenant(tx, tenantId)
    if (tenant.status === status) return tenant
    tx.assign(tenant, { status, updatedAt: clock.now() })
    await tx.flush()
    await changes.record(tx, {
      action: status === 'suspended' ? 'tenant.suspended' : 'tenant.restored',
      tenantId,
      target: { type: 'tenant', id: tenantId },
      tell: { to: ['identity'], payload: { tenantId } },
    })
    return tenant
  })
}
