import { LockMode } from '@mikro-orm/core'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { Bet, type BetOutcome } from '../../entities/bet.ts'
import { BetLeg } from '../../entities/bet-leg.ts'
import { Fixture } from '../../entities/fixture.ts'
import { type BetRecorder, recordBet } from '../bets/bet-record.ts'
import type { Place, Wallet } from '../ledger/account-rows.ts'
import { placeOf } from '../ledger/booking.ts'
import { type Cancelled, creditLines, debit, recordCancelled } from '../ledger/debt.ts'
import { type BalanceNews, type PostLine, post } from '../ledger/post.ts'
import { betOutcome, type Goals, legOutcome } from './outcomes.ts'
import { payoutOf } from './payout.ts'

export type SettleDeps = BetRecorder & { database: Database }

/** How a bet ended, and what that pays in minor units. */
type Verdict = { outcome: BetOutcome; payout: bigint }

function resultOf({ status, homeGoals, awayGoals }: Fixture): Goals | 'abandoned' | null {
  if (status === 'abandoned') return 'abandoned'
  if (status === 'scheduled' || homeGoals == null || awayGoals == null) return null
  return { home: homeGoals, away: awayGoals }
}

/** Gives legs the outcomes of newer results. @returns whether there were any */
async function renewLegs(tx: SqlEntityManager, legs: readonly BetLeg[], now: Date) {
  const ids = legs.map(({ fixtureId }) => fixtureId)
  const fixtures = await tx.find(Fixture, { id: { $in: ids } })
  const byId = new Map(fixtures.map((fixture) => [fixture.id, fixture]))
  let isRenewed = false
  for (const leg of legs) {
    const fixture = byId.get(leg.fixtureId)
    if (!fixture || fixture.resultVersion <= leg.resultVersion) continue
    const result = resultOf(fixture)
    const outcome = result === null ? 'open' : legOutcome(leg, result)
    const settledAt = outcome === 'open' ? null : now
    Object.assign(leg, { outcome, settledAt, resultVersion: fixture.resultVersion })
    isRenewed = true
  }
  return isRenewed
}

/** Null while the bet is open. */
function verdictOf(bet: Bet, legs: readonly BetLeg[]): Verdict | null {
  const outcome = betOutcome(legs.map((leg) => leg.outcome))
  return outcome === null ? null : { outcome, payout: payoutOf(bet.stake, legs) }
}

function standingVerdict({ status, outcome, payout }: Bet): Verdict | null {
  return status === 'settled' && outcome != null && payout != null ? { outcome, payout } : null
}

const walletOf = (bet: Bet): Wallet => ({
  place: placeOf(bet),
  userId: bet.userId,
  currency: bet.currency,
})

type Booking = { bet: Bet; at: Date }

/** The stake leaves the open ones: part is paid, the rest is the house's result, or the other way round. */
async function bookSettlement(
  tx: SqlEntityManager,
  { bet, at }: Booking,
  { outcome, payout }: Verdict,
): Promise<readonly BalanceNews[]> {
  const wallet = walletOf(bet)
  const { stake, id: betId } = bet
  const credit = payout === 0n ? [] : await creditLines(tx, wallet, { amount: payout, at })
  const lines: PostLine[] = [
    ...credit,
    { kind: 'open_stakes', amount: -stake },
    { kind: 'result', amount: stake - payout },
  ]
  const kind = outcome === 'void' ? 'refund' : 'payout'
  const { balances } = await post(tx, { ...wallet, kind, betId, at, lines, actorId: null })
  return balances
}

type Reversed = { balances: readonly BalanceNews[]; cancelled: readonly Cancelled[] }

/**
 * The exact negative of a settlement. What the bettor no longer has is taken from withdrawals that have not been
 * paid out; what is missing then becomes a debt.
 */
async function bookReversal(
  tx: SqlEntityManager,
  { bet, at }: Booking,
  { payout }: Verdict,
): Promise<Reversed> {
  const wallet = walletOf(bet)
  const { stake, id: betId } = bet
  const nothing = { lines: [], cancelled: [] }
  const debited = payout === 0n ? nothing : await debit(tx, wallet, { amount: payout, at })
  const lines: PostLine[] = [
    ...debited.lines,
    { kind: 'open_stakes', amount: stake },
    { kind: 'result', amount: payout - stake },
  ]
  const reversal = { kind: 'reversal', betId, at, lines, actorId: null } as const
  const { balances } = await post(tx, { ...wallet, ...reversal })
  const { cancelled } = debited
  return { balances: [...cancelled.flatMap((one) => one.balances), ...balances], cancelled }
}

/** Figures and status that follow from a verdict, or from there being none any more. */
function applyVerdict(bet: Bet, verdict: Verdict | null, at: Date): void {
  const { stake } = bet
  if (!verdict) {
    Object.assign(bet, {
      ...{ status: 'open', outcome: null, payout: null, settledAt: null },
      ...{ handle: stake, openStake: stake, settledStake: 0n, settledPayout: 0n },
    })
    return
  }
  const { outcome, payout } = verdict
  const isVoid = outcome === 'void'
  const counted = isVoid ? 0n : stake
  Object.assign(bet, {
    ...{ status: 'settled', outcome, payout, settledAt: at },
    ...{ handle: counted, settledStake: counted, settledPayout: isVoid ? 0n : payout },
    ...{ openStake: 0n, settlements: bet.settlements + 1 },
  })
}

const isSame = (left: Verdict | null, right: Verdict | null) =>
  left?.outcome === right?.outcome && left?.payout === right?.payout

/** Moves the money from one verdict to the other and tells of it. */
async function changeVerdict(
  deps: SettleDeps,
  tx: SqlEntityManager,
  { bet, at, before, after }: Booking & Record<'before' | 'after', Verdict | null>,
): Promise<void> {
  const reversed = before ? await bookReversal(tx, { bet, at }, before) : null
  const settled = after ? await bookSettlement(tx, { bet, at }, after) : []
  applyVerdict(bet, after, at)
  await tx.flush()
  const change = before ? (after ? 'corrected' : 'reopened') : 'settled'
  const previous = before && { previous: before.outcome, previousPayout: String(before.payout) }
  const details = { settlements: bet.settlements, ...previous }
  const { cancelled = [], balances: returned = [] } = reversed ?? {}
  await recordCancelled(deps, tx, { cancelled, because: { betId: bet.id } })
  await recordBet(deps, tx, { bet, change, balances: [...returned, ...settled], details })
}

/**
 * Brings one bet to what the results of its fixtures say now, in one transaction: settles, corrects, opens it
 * again, or only marks its legs. A second time changes nothing. A bet that was cashed out keeps its money.
 */
export function settleBet(deps: SettleDeps, place: Place, betId: string): Promise<void> {
  const { database, clock } = deps
  const { tenantId, guildId } = place
  return transactional(database.fork({ kind: 'guild', tenantId, guildId }), async (tx) => {
    // First: what is read after the lock is as the last settler left it.
    const lockMode = LockMode.PESSIMISTIC_WRITE
    const bet = await tx.findOne(Bet, { id: betId }, { lockMode })
    if (!bet) return
    const at = clock.now()
    const legs = await tx.find(BetLeg, { betId }, { orderBy: { position: 'asc' } })
    if (!(await renewLegs(tx, legs, at))) return
    const before = standingVerdict(bet)
    const after = verdictOf(bet, legs)
    if (bet.status !== 'cashed_out') {
      bet.potentialPayout = payoutOf(bet.stake, legs)
      bet.liability = after ? 0n : bet.potentialPayout
    }
    await tx.flush()
    if (bet.status === 'cashed_out' || isSame(before, after)) return
    await changeVerdict(deps, tx, { bet, at, before, after })
  })
}
