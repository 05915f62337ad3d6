import { LockMode } from '@mikro-orm/core'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Tenant } from '../entities/tenant.ts'
import { tenancyError } from '../errors.ts'

/**
 * The tenant's row, locked until commit: whoever changes what a tenant owns goes through here first,
 * so such changes happen one after the other. Call it before any other read of the transaction, or
 * MariaDB would answer from before the wait.
 * @throws TENANT_NOT_FOUND
 */
export async function lockTenant(tx: SqlEntityManager, tenantId: string): Promise<Tenant> {
  const tenant = isDecimalId(tenantId)
    ? await tx.findOne(Tenant, { id: tenantId }, { lockMode: LockMode.PESSIMISTIC_WRITE })
    : null
  if (!tenant) throw tenancyError('TENANT_NOT_FOUND')
  return tenant
}

/** As `lockTenant`, where something is added. @throws TENANT_NOT_FOUND, TENANT_SUSPENDED */
export async function lockActiveTenant(tx: SqlEntityManager, tenantId: string): Promise<Tenant> {
  const tenant = await lockTenant(tx, tenantId)
  if (tenant.isSuspended()) throw tenancyError('TENANT_SUSPENDED')
  return tenant
}
