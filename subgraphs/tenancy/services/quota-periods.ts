import type { Quota, ResetPeriod } from '../entities/quota.ts'

/** Start of the period that holds `now`, UTC. A quota without period never starts again. */
export function periodStart(period: ResetPeriod, now: Date): Date {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  switch (period) {
    case 'none':
      return new Date(0)
    case 'hourly':
      return new Date(Date.UTC(year, month, now.getUTCDate(), now.getUTCHours()))
    case 'daily':
      return new Date(Date.UTC(year, month, now.getUTCDate()))
    case 'monthly':
      return new Date(Date.UTC(year, month))
  }
}

/** Start of the period after the one that begins at `start`, UTC; null when there is none. */
function nextStart(period: ResetPeriod, start: Date): Date | null {
  const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()]
  switch (period) {
    case 'none':
      return null
    case 'hourly':
      return new Date(Date.UTC(year, month, day, start.getUTCHours() + 1))
    case 'daily':
      return new Date(Date.UTC(year, month, day + 1))
    case 'monthly':
      return new Date(Date.UTC(year, month + 1))
  }
}

/** A quota as it counts at a moment. */
export type QuotaState = {
  id: string
  tenantId: string
  resource: string
  resetPeriod: ResetPeriod
  /** Null is without limit. */
  limit: bigint | null
  used: bigint
  /** Never below zero, even when a limit was set below what was used. */
  remaining: bigint | null
  resetsAt: Date | null
}

/** What a stored quota means at `now`: a period that has ended counts nothing. */
export function toQuotaState(quota: Quota, now: Date): QuotaState {
  const { id, tenantId, resource, resetPeriod } = quota
  const limit = quota.limit ?? null
  const start = periodStart(resetPeriod, now)
  const isOver = quota.lastReset < start
  const used = isOver ? 0n : quota.usage
  const free = limit === null ? null : limit - used
  return {
    id,
    tenantId,
    resource,
    resetPeriod,
    limit,
    used,
    remaining: free !== null && free < 0n ? 0n : free,
    // A counter that is ahead of this clock is kept until its own period ends.
    resetsAt: nextStart(resetPeriod, isOver ? start : quota.lastReset),
  }
}
