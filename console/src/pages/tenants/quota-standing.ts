import type { Quota } from './tenant.ts'

/** How much of a quota is used, in one word. */
export type QuotaStanding = 'within' | 'near' | 'used-up' | 'no-limit'

/** From this share of the limit on a quota is near it; the platform warns there too. */
const NEAR_PERCENT = 80n

/** Where a quota stands. Amounts may be longer than a number can be. */
export function standingOf({ limit, used }: Pick<Quota, 'limit' | 'used'>): QuotaStanding {
  if (limit === null) return 'no-limit'
  if (BigInt(used) >= BigInt(limit)) return 'used-up'
  return BigInt(used) * 100n >= BigInt(limit) * NEAR_PERCENT ? 'near' : 'within'
}

/** The used share in percent, to a tenth; 100 where nothing is allowed. */
export function usedPercent({ limit, used }: Pick<Quota, 'limit' | 'used'>): number {
  if (limit === null) return 0
  if (BigInt(limit) === 0n) return 100
  return Number((BigInt(used) * 1_000n) / BigInt(limit)) / 10
}
