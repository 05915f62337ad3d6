import { LockMode } from '@mikro-orm/core'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { Quota } from '../entities/quota.ts'
import { QuotaUse } from '../entities/quota-use.ts'
import { tenancyError } from '../errors.ts'
import { periodStart, type QuotaState, toQuotaState } from './quota-periods.ts'

export type QuotaName = { tenantId: string; resource: string }

/** The counter's row as it stands now, locked until commit, if there is one. */
export function findLocked(
  tx: SqlEntityManager,
  { tenantId, resource }: QuotaName,
): Promise<Quota | null> {
  const options = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true }
  return tx.findOne(Quota, { tenantId, resource }, options)
}

/** As `findLocked`. @throws QUOTA_NOT_FOUND */
export async function lockQuota(tx: SqlEntityManager, name: QuotaName): Promise<Quota> {
  const quota = await findLocked(tx, name)
  if (!quota) throw tenancyError('QUOTA_NOT_FOUND', { resource: name.resource })
  return quota
}

/** Starts the period of `now` unless it, or one after it, has been started. */
async function startPeriod(tx: SqlEntityManager, quota: Quota, now: Date): Promise<void> {
  const start = periodStart(quota.resetPeriod, now)
  const where = { id: quota.id, resetPeriod: quota.resetPeriod, lastReset: { $lt: start } }
  await updateWhere(tx, Quota, { where, set: { usage: 0n, lastReset: start } })
}

/**
 * Counts `amount` if the limit allows it, by one conditional update.
 * @throws QUOTA_EXCEEDED
 */
export async function charge(
  tx: SqlEntityManager,
  quota: Quota,
  { amount, now }: { amount: bigint; now: Date },
): Promise<Quota> {
  await startPeriod(tx, quota, now)
  const limit = quota.limit ?? null
  const where =
    limit === null
      ? { id: quota.id, limit: null }
      : { id: quota.id, limit, usage: { $lte: limit - amount } }
  const charged = await updateWhere(tx, Quota, { where, add: { usage: amount } })
  const current = await lockQuota(tx, quota)
  if (charged === 0) throw exceeded(toQuotaState(current, now))
  return current
}

function exceeded({ resource, limit, used, resetsAt }: QuotaState) {
  return tenancyError('QUOTA_EXCEEDED', {
    resource,
    limit: limit === null ? null : String(limit),
    used: String(used),
    resetsAt: resetsAt?.toISOString() ?? null,
  })
}

/** Takes a use back, once, and only from the period that it was counted in. @returns whether now */
export async function giveBack(tx: SqlEntityManager, use: QuotaUse, now: Date): Promise<boolean> {
  const where = { id: use.id, releasedAt: null }
  const released = await updateWhere(tx, QuotaUse, { where, set: { releasedAt: now } })
  if (released === 0) return false
  await updateWhere(tx, Quota, {
    where: {
      tenantId: use.tenantId,
      resource: use.resource,
      lastReset: { $lte: use.periodStart },
      usage: { $gte: use.amount },
    },
    add: { usage: -use.amount },
  })
  return true
}
