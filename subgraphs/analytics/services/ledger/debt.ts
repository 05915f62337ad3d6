import { LockMode } from '@mikro-orm/core'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import type { ErrorDetails } from '#kernel/errors.ts'
import { Account } from '../../entities/account.ts'
import { Hold } from '../../entities/hold.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'
import { ensureAccounts, type Wallet } from './account-rows.ts'
import { type BalanceNews, type PostLine, post } from './post.ts'

const LOCKED = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const

const smaller = (one: bigint, other: bigint) => (one < other ? one : other)

/**
 * What the person has and owes, locked until commit in the order in which bookings lock. Whoever begins with it
 * decides alone on this wallet's holds.
 */
export async function lockBalances(tx: SqlEntityManager, wallet: Wallet, at: Date) {
  const { accounts } = await ensureAccounts(tx, wallet, { kinds: ['player', 'debt'], at })
  const lock = async (kind: 'player' | 'debt') => {
    const id = accounts.get(kind)?.id ?? null
    const account = await forkInside(tx).findOneOrFail(Account, { id }, LOCKED)
    return { id: account.id, balance: account.balance ?? 0n }
  }
  const player = await lock('player')
  const { balance: debt } = await lock('debt')
  return { accountId: player.id, player: player.balance, debt }
}

/** Nothing is paid out to whoever owes. `debt` is 0 or below. @throws DEBT_OPEN */
export function checkNothingOwed({ debt }: { debt: bigint }): void {
  if (debt < 0n) throw analyticsError('DEBT_OPEN', { debt: String(debt) })
}

/** The lines that pay a person `amount` of 0 or more: a debt is repaid first. */
export async function creditLines(
  tx: SqlEntityManager,
  wallet: Wallet,
  { amount, at }: { amount: bigint; at: Date },
): Promise<PostLine[]> {
  const { debt } = await lockBalances(tx, wallet, at)
  const repaid = smaller(-debt, amount)
  return [
    { kind: 'debt', amount: repaid },
    { kind: 'player', amount: amount - repaid },
  ]
}

/** A withdrawal that was cancelled because the money is taken back. */
export type Cancelled = { hold: Hold; balances: readonly BalanceNews[] }

export type Debit = { lines: PostLine[]; cancelled: readonly Cancelled[] }

/**
 * Gives withdrawals back to the person until `missing` is there or none is left, the newest first: an older one
 * may be on its way already. What is frozen, or under review, stays.
 */
async function cancelWithdrawals(
  tx: SqlEntityManager,
  wallet: Wallet,
  { accountId, missing, at }: { accountId: string; missing: bigint; at: Date },
): Promise<Cancelled[]> {
  const own = forkInside(tx)
  const where = { accountId, purpose: 'withdrawal', status: 'open', frozenAt: null } as const
  const open = await own.find(Hold, where, { ...LOCKED, orderBy: { id: 'desc' } })
  const cancelled: Cancelled[] = []
  let rest = missing
  for (const hold of open) {
    if (rest <= 0n) break
    const { id, amount } = hold
    Object.assign(hold, { status: 'released', endedAt: at })
    await own.flush()
    const release = { ...wallet, kind: 'release', holdId: id, actorId: null, at } as const
    const lines = [{ kind: 'held', amount: -amount } as const, { kind: 'player', amount } as const]
    const { balances } = await post(tx, { ...release, lines })
    cancelled.push({ hold, balances })
    rest -= amount
  }
  return cancelled
}

/**
 * The lines that take `amount` of 0 or more back from a person: from what they have, then from what they were about
 * to withdraw, which is cancelled; the rest they owe. The caller tells of what was cancelled.
 */
export async function debit(
  tx: SqlEntityManager,
  wallet: Wallet,
  { amount, at }: { amount: bigint; at: Date },
): Promise<Debit> {
  const { accountId, player } = await lockBalances(tx, wallet, at)
  const missing = amount - player
  const cancelled =
    missing > 0n ? await cancelWithdrawals(tx, wallet, { accountId, missing, at }) : []
  const returned = cancelled.reduce((sum, { hold }) => sum + hold.amount, 0n)
  const taken = smaller(player + returned, amount)
  const lines: PostLine[] = [
    { kind: 'player', amount: -taken },
    { kind: 'debt', amount: taken - amount },
  ]
  return { lines, cancelled }
}

/** Records withdrawals that a reversal cancelled; `because` says of what. */
export async function recordCancelled(
  { audit, viewer }: Pick<AnalyticsRequest, 'audit' | 'viewer'>,
  tx: SqlEntityManager,
  { cancelled, because }: { cancelled: readonly Cancelled[]; because: ErrorDetails },
): Promise<void> {
  for (const { hold } of cancelled) {
    const { id, tenantId, guildId, accountId, amount, currency } = hold
    await audit.record(tx, {
      ...{ viewer, tenantId, guildId, action: 'withdrawal.cancelled', outcome: 'done' },
      resource: { type: 'hold', id },
      details: { accountId, amount: String(amount), currency, ...because },
    })
  }
}
