import { type ChildPage, createChildPages } from '#kernel/db/batches.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { Customization, type CustomizationType } from '../entities/customization.ts'
import { requireWholeTenant } from './access.ts'
import { checkCustomization } from './branding.ts'
import type { TenancyRequest } from './request.ts'
import { lockActiveTenant } from './tenant-lock.ts'

export type CustomizationInput = {
  tenantId: string
  type: CustomizationType
  data: Readonly<Record<string, unknown>>
}

export type Customizations = ReturnType<typeof createCustomizations>

/** Customizations: what a tenant made its own, each change a version. */
export function createCustomizations(request: TenancyRequest) {
  const activeOfTenant = createChildPages(request.read, Customization, {
    parent: 'tenantId',
    where: { isActive: true },
  })
  const allOfTenant = createChildPages(request.read, Customization, { parent: 'tenantId' })
  return {
    set: (input: CustomizationInput) => setCustomization(request, input),
    /** The active versions, or with `history` all of them. */
    ofTenant: (tenantId: string, page: ChildPage & { history: boolean }) =>
      page.history ? allOfTenant(tenantId, page) : activeOfTenant(tenantId, page),
  }
}

/** Puts all earlier versions out of force. @returns the number of the next one */
async function retireVersions(tx: SqlEntityManager, name: Omit<CustomizationInput, 'data'>) {
  const { tenantId, type } = name
  const newestFirst = { orderBy: { version: 'desc' }, limit: 1 } as const
  const [newest] = await tx.find(Customization, { tenantId, type }, newestFirst)
  const where = { tenantId, type, isActive: true }
  await updateWhere(tx, Customization, { where, set: { isActive: false } })
  return (newest?.version ?? 0) + 1
}

async function setCustomization(
  { em, viewer, clock, changes }: TenancyRequest,
  { tenantId, type, data: input }: CustomizationInput,
) {
  requireWholeTenant(viewer)
  const data = checkCustomization(type, input)
  return transactional(em, async (tx) => {
    await lockActiveTenant(tx, tenantId)
    const version = await retireVersions(tx, { tenantId, type })
    const row = { tenantId, type, data, version, isActive: true, createdAt: clock.now() }
    const customization = tx.create(Customization, row)
    await tx.flush()
    await changes.record(tx, {
      action: 'customization.set',
      tenantId,
      target: { type: 'customization', id: customization.id, name: type },
      details: { version },
    })
    return customization
  })
}
