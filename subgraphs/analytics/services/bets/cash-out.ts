import { LockMode } from '@mikro-orm/core'
import { createRowBatch } from '#kernel/db/batches.ts'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { kernelError } from '#kernel/errors.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { Money } from '#kernel/money.ts'
import { Bet } from '../../entities/bet.ts'
import { BetLeg } from '../../entities/bet-leg.ts'
import { BettingLimit } from '../../entities/betting-limit.ts'
import { CurrentPrice } from '../../entities/current-price.ts'
import { Fixture } from '../../entities/fixture.ts'
import { analyticsError } from '../../errors.ts'
import { placeOf } from '../ledger/booking.ts'
import { creditLines } from '../ledger/debt.ts'
import { checkIdempotencyKey } from '../ledger/inputs.ts'
import { post } from '../ledger/post.ts'
import { hashRequest } from '../ledger/repeats.ts'
import type { AnalyticsRequest } from '../request.ts'
import { holdFixtures } from '../settlement/fixture-lock.ts'
import { recordBet } from './bet-record.ts'
import { cashOutValue } from './cash-out-value.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { findLivingFixtures } from './living-feeds.ts'
import { chooseOffer, isOpenForBets } from './standing-legs.ts'

export type CashOutInput = {
  betId: string
  /** What the bettor was offered, in minor units: less is not paid. */
  amount: bigint
  idempotencyKey: string
}

type AskedCashOut = CashOutInput & { requestHash: string }

/** @throws IDEMPOTENCY_KEY_INVALID, BET_NOT_FOUND, AMOUNT_INVALID */
function readCashOut({ betId, amount, idempotencyKey }: CashOutInput): AskedCashOut {
  if (!isDecimalId(betId)) throw analyticsError('BET_NOT_FOUND')
  if (amount < 0n) throw analyticsError('AMOUNT_INVALID')
  const requestHash = hashRequest('cashOutBet', { betId, amount })
  return { betId, amount, idempotencyKey: checkIdempotencyKey(idempotencyKey), requestHash }
}

type LegRows = {
  legs: readonly BetLeg[]
  fixtures: ReadonlyMap<string, Fixture>
  /** Fixtures whose prices are still told. */
  living: ReadonlySet<string>
  /** By selection. */
  prices: ReadonlyMap<string, readonly CurrentPrice[]>
  limits: readonly BettingLimit[]
}

const idsOf = (ids: readonly string[]) => ({ $in: [...new Set(ids)] })

async function findLegRows(
  em: SqlEntityManager,
  bets: readonly Bet[],
  now: Date,
): Promise<LegRows> {
  const betIds = idsOf(bets.map(({ id }) => id))
  const legs = await em.find(BetLeg, { betId: betIds }, { orderBy: { position: 'asc' } })
  const fixtures = await em.find(Fixture, { id: idsOf(legs.map((leg) => leg.fixtureId)) })
  const selectionId = idsOf(legs.map((leg) => leg.selectionId))
  const prices = await em.find(CurrentPrice, { selectionId })
  const limits = await em.find(BettingLimit, { guildId: idsOf(bets.map((bet) => bet.guildId)) })
  return {
    ...{ legs, limits },
    living: await findLivingFixtures(em, fixtures, now),
    fixtures: new Map(fixtures.map((fixture) => [fixture.id, fixture])),
    prices: Map.groupBy(prices, (price) => price.selectionId),
  }
}

/** A leg that waits to be settled anew says nothing of what a bet is worth. */
function isCurrent({ outcome, resultVersion }: BetLeg, fixture: Fixture | undefined, now: Date) {
  if (!fixture || fixture.resultVersion !== resultVersion) return false
  return outcome !== 'open' || isOpenForBets(fixture, now)
}

const feeOf = ({ tenantId, guildId, currency }: Bet, { limits }: LegRows) => {
  const isOwn = (limit: BettingLimit) =>
    limit.tenantId === tenantId && limit.guildId === guildId && limit.currency === currency
  return (limits.find(isOwn) ?? DEFAULT_LIMITS).cashOutFeeBasisPoints
}

/** What a bet is worth now, or null when it cannot be cashed out. */
function worthOf(bet: Bet, rows: LegRows, now: Date): bigint | null {
  const legs = rows.legs.filter(({ betId }) => betId === bet.id)
  const isWhole = legs.every((leg) => isCurrent(leg, rows.fixtures.get(leg.fixtureId), now))
  if (bet.status !== 'open' || legs.length === 0 || !isWhole) return null
  const priced = legs.map(({ fixtureId, selectionId, source, odds, outcome }) => {
    const told = rows.living.has(fixtureId) ? rows.prices.get(selectionId) : undefined
    const currentOdds = chooseOffer(told ?? [], source)?.odds ?? null
    return { odds, outcome, currentOdds }
  })
  return cashOutValue(bet.stake, priced, feeOf(bet, rows))
}

/** @throws CASH_OUT_UNAVAILABLE, CASH_OUT_CHANGED with what would be paid now */
function checkValue(value: bigint | null, { amount }: AskedCashOut): bigint {
  if (value === null) throw analyticsError('CASH_OUT_UNAVAILABLE')
  if (value >= amount) return value
  throw analyticsError('CASH_OUT_CHANGED', { currentAmount: String(value) })
}

/** The viewer's own bet within reach. @throws BET_NOT_FOUND */
async function findOwnBet({ viewer, read }: AnalyticsRequest, id: string): Promise<Bet> {
  const { userId } = viewer
  const bet = userId === null ? null : await read().findOne(Bet, { id, userId })
  if (!bet) throw analyticsError('BET_NOT_FOUND')
  return bet
}

async function pay(tx: SqlEntityManager, bet: Bet, { amount, at }: { amount: bigint; at: Date }) {
  const { userId, currency, stake } = bet
  const wallet = { place: placeOf(bet), userId, currency }
  const credit = await creditLines(tx, wallet, { amount, at })
  const result = { kind: 'result', amount: stake - amount } as const
  const lines = [...credit, { kind: 'open_stakes', amount: -stake } as const, result]
  return post(tx, { ...wallet, kind: 'cash_out', actorId: userId, betId: bet.id, at, lines })
}

/** The rows that a value follows from, taken until commit: nobody settles the bet or stores a result meanwhile. */
async function takeBet(tx: SqlEntityManager, id: string, fixtureIds: readonly string[]) {
  // Locks first: what is read after them is as they left it.
  await holdFixtures(tx, fixtureIds)
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true }
  return tx.findOneOrFail(Bet, { id }, lock)
}

/** Cashes the bet out in one transaction. */
async function book(request: AnalyticsRequest, found: Bet, asked: AskedCashOut): Promise<Bet> {
  const place = placeOf(found)
  const legs = await request.inPlace(place).find(BetLeg, { betId: found.id })
  const fixtureIds = legs.map(({ fixtureId }) => fixtureId)
  return transactional(request.inPlace(place), async (tx) => {
    const bet = await takeBet(tx, found.id, fixtureIds)
    if (bet.cashOutKey === asked.idempotencyKey) return bet
    const at = request.clock.now()
    const payout = checkValue(worthOf(bet, await findLegRows(tx, [bet], at), at), asked)
    Object.assign(bet, {
      ...{ status: 'cashed_out', outcome: 'cashed_out', payout, settledAt: at },
      ...{ openStake: 0n, liability: 0n, settledStake: bet.stake, settledPayout: payout },
      ...{ cashOutKey: asked.idempotencyKey, cashOutHash: asked.requestHash },
    })
    if (!(await flushUnlessTaken(tx))) throw kernelError('IDEMPOTENCY_KEY_REUSED')
    const { balances } = await pay(tx, bet, { amount: payout, at })
    await recordBet(request, tx, { bet, change: 'cashed_out', balances })
    return bet
  })
}

/** @throws IDEMPOTENCY_KEY_REUSED when the bet was cashed out under this key by another request */
function checkSame(bet: Bet, { requestHash }: AskedCashOut): Bet {
  if (bet.cashOutHash !== requestHash) throw kernelError('IDEMPOTENCY_KEY_REUSED')
  return bet
}

async function cashOut(request: AnalyticsRequest, input: CashOutInput): Promise<Bet> {
  const asked = readCashOut(input)
  const found = await findOwnBet(request, asked.betId)
  const bet = found.cashOutKey === asked.idempotencyKey ? found : await book(request, found, asked)
  return checkSame(bet, asked)
}

/** What bets are worth, in as many queries as for one. */
async function acrossTenantsFindOffers(
  { acrossTenants, clock }: AnalyticsRequest,
  ids: readonly string[],
): Promise<{ id: string; offer: Money }[]> {
  const em = acrossTenants()
  const bets = await em.find(Bet, { id: idsOf(ids), status: 'open' })
  const now = clock.now()
  const rows = await findLegRows(em, bets, now)
  return bets.flatMap((bet) => {
    const amount = worthOf(bet, rows, now)
    return amount === null ? [] : [{ id: bet.id, offer: { amount, currency: bet.currency } }]
  })
}

export type CashOuts = ReturnType<typeof createCashOuts>

/** Bets sold back before they are settled. */
export function createCashOuts(request: AnalyticsRequest) {
  const acrossTenantsLoad = createRowBatch(
    (ids) => acrossTenantsFindOffers(request, ids),
    ({ id }) => id,
  )
  return {
    /** What the bet would be paid now, or null; for bets that the viewer may see. */
    acrossTenantsOfferOf: async ({ id, status }: Bet): Promise<Money | null> => {
      if (status !== 'open') return null
      return (await acrossTenantsLoad(id))?.offer ?? null
    },
    /**
     * Pays what the bet is worth now, at least the amount asked for. Once paid it is final: later results move
     * nothing.
     * @throws BET_NOT_FOUND, CASH_OUT_UNAVAILABLE, CASH_OUT_CHANGED, IDEMPOTENCY_KEY_INVALID,
     * IDEMPOTENCY_KEY_REUSED
     */
    cashOut: (input: CashOutInput) => cashOut(request, input),
  }
}
