import type { AuditEntry } from '#kernel/audit/audit.ts'
import type { Message } from '#kernel/audit/outbox.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { ErrorDetails } from '#kernel/errors.ts'
import type { Bet } from '../../entities/bet.ts'
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
  /** What others are told of it, beside the audit record. */
  beside?: readonly Message[]
}

/** What a change of a bet ends with, in the order that locks least: audit, outbox, events. */
export async function recordBet(
  { audit, viewer, events, clock }: BetRecorder,
  tx: SqlEntityManager,
  { bet, change, balances, details = {}, beside = [] }: BetChanged,
): Promise<void> {
  const { id, tenantId, guildId, userId, currency, stake, status } = bet
  const outcome = bet.outcome ?? null
  const payout = bet.payout ?? null
  const paid = payout === null ? null : String(payout)
  const entry: AuditEntry = {
    ...{ viewer, tenantId, guildId, action: `bet.${change}`, outcome: 'done' },
    resource: { type: 'bet', id },
    isNew: change === 'placed',
    details: { currency, stake: String(stake), status, outcome, payout: paid, ...details },
  }
  await audit.record(tx, entry, beside)
  const told = { betId: id, change, tenantId, guildId, userId, status, outcome, stake, payout }
  const news = toBetEvent({ ...told, currency, at: clock.now() })
  await events.publish(tx, [...balances.map(toBalanceEvent), news])
}
