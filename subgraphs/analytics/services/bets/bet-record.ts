import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { ErrorDetails } from '#kernel/errors.ts'
import type { Bet } from '../../entities/bet.ts'
import type { Clearance } from '../clearance.ts'
import type { BalanceNews } from '../ledger/post.ts'
import { type BetChange, toBalanceEvent, toBetEvent } from '../portfolio.ts'
import type { AnalyticsRequest } from '../request.ts'

/** What a change of a bet is written down with, whoever makes it. */
export type BetRecorder = Pick<AnalyticsRequest, 'audit' | 'viewer' | 'events' | 'clock'>

export type BetChanged = {
  bet: Bet
  change: BetChange
  balances: readonly BalanceNews[]
  details?: ErrorDetails
  /** Confirms compliance's yes, after the audit record. */
  confirm?: (resource: string) => Promise<void>
}

/** What a change of a bet ends with, in the order that locks least: audit, outbox, events. */
export async function recordBet(
  { audit, viewer, events, clock }: BetRecorder,
  tx: SqlEntityManager,
  { bet, change, balances, details = {}, confirm }: BetChanged,
): Promise<void> {
  const { id, tenantId, guildId, userId, currency, stake, status } = bet
  const outcome = bet.outcome ?? null
  const payout = bet.payout ?? null
  const paid = payout === null ? null : String(payout)
  await audit.record(tx, {
    ...{ viewer, tenantId, guildId, action: `bet.${change}`, outcome: 'done' },
    resource: { type: 'bet', id },
    isNew: change === 'placed',
    details: { currency, stake: String(stake), status, outcome, payout: paid, ...details },
  })
  await confirm?.(`bet:${id}`)
  const told = { betId: id, change, tenantId, guildId, userId, status, outcome, stake, payout }
  const news = toBetEvent({ ...told, currency, at: clock.now() })
  await events.publish(tx, [...balances.map(toBalanceEvent), news])
}

/** Compliance's yes as `recordBet` confirms it. */
export const confirming =
  (request: AnalyticsRequest, tx: SqlEntityManager, clearance: Clearance) => (resource: string) =>
    request.clearance.confirm(tx, clearance, resource)
