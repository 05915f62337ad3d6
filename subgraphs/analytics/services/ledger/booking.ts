import type { SqlEntityManager } from '#kernel/db/database.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { analyticsError } from '../../errors.ts'
import type { Clearance } from '../clearance.ts'
import { toBalanceEvent } from '../portfolio.ts'
import type { AnalyticsRequest } from '../request.ts'
import type { Place, Wallet } from './account-rows.ts'
import type { Posted } from './post.ts'

/** Rows of one person in one guild: an account, a hold. */
export type Owned = { tenantId: string; guildId: string; userId?: string | null | undefined }

export const placeOf = ({ tenantId, guildId }: Place): Place => ({ tenantId, guildId })

/** The wallet that an account or hold of a person is part of. */
export function walletOf(owned: Owned & { currency: string }): Wallet {
  if (owned.userId == null) throw new Error('the house has no wallet')
  return { place: placeOf(owned), userId: owned.userId, currency: owned.currency }
}

/**
 * In guilds with the stricter rules nobody books money of their own, and a guild that left its
 * tenant keeps them. @throws FOUR_EYES_REQUIRED
 */
export async function checkFourEyes(
  { viewer }: AnalyticsRequest,
  em: SqlEntityManager,
  { tenantId, guildId, userId }: Owned,
): Promise<void> {
  if (viewer.userId === null || viewer.userId !== userId) return
  const place = await em.findOne(GuildPlace, { tenantId, guildId })
  if (place?.complianceMode ?? true) throw analyticsError('FOUR_EYES_REQUIRED')
}

/** What every audit record of money says: whose it is, and how much. */
export const amountDetails = ({
  accountId,
  amount,
  currency,
}: {
  accountId: string
  amount: bigint
  currency: string
}) => ({ accountId, amount: String(amount), currency })

export type Outcome = {
  owned: Owned
  action: string
  resource: { type: 'transfer' | 'hold' | 'account'; id: string }
  details?: Readonly<Record<string, string | null>>
  posted?: Posted
  clearance?: Clearance
}

/** What every change of money ends with, in the order that locks least: audit, outbox, events. */
export async function conclude(
  { audit, viewer, clearance: clearances, events }: AnalyticsRequest,
  tx: SqlEntityManager,
  { owned, action, resource, details = {}, posted, clearance }: Outcome,
): Promise<void> {
  const { tenantId, guildId } = owned
  const confirmed = `${resource.type}:${resource.id}`
  const beside = clearance ? [clearances.confirmation(clearance, confirmed)] : []
  const entry = { viewer, action, resource, tenantId, guildId, details, outcome: 'done' } as const
  await audit.record(tx, entry, beside)
  if (posted && posted.balances.length > 0) {
    await events.publish(tx, posted.balances.map(toBalanceEvent))
  }
}
