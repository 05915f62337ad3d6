import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { afterCommit } from '#kernel/db/transaction-scope.ts'
import { isDomainError, kernelError } from '#kernel/errors.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Account } from '../../entities/account.ts'
import { Bet } from '../../entities/bet.ts'
import { BetLeg } from '../../entities/bet-leg.ts'
import { analyticsError } from '../../errors.ts'
import type { Clearance } from '../clearance.ts'
import { placeOf, walletOf } from '../ledger/booking.ts'
import { checkCurrency } from '../ledger/inputs.ts'
import { type BalanceNews, post } from '../ledger/post.ts'
import type { AnalyticsRequest } from '../request.ts'
import { selfOf } from '../self.ts'
import { holdFixtures } from '../settlement/fixture-lock.ts'
import { combinedOdds } from '../settlement/payout.ts'
import { type AskedBet, type BetInput, readBet } from './bet-input.ts'
import { recordBet } from './bet-record.ts'
import { checkDraft, type Draft, draftBet, type Ground } from './draft.ts'
import { checkWithin, findLimits } from './limits.ts'
import { findAnswers, fixtureIdsOf, type StandingLeg } from './standing-legs.ts'

type Asking = { asked: AskedBet; account: Account; now: Date }
type Waiting = Omit<Asking, 'now'>

/** The viewer's own account within reach. @throws ACCOUNT_NOT_FOUND */
async function findOwnAccount({ viewer, read }: AnalyticsRequest, id: string): Promise<Account> {
  const { userId } = viewer
  const isAsked = userId !== null && isDecimalId(id)
  const account = isAsked ? await read().findOne(Account, { id, userId, kind: 'player' }) : null
  if (!account) throw analyticsError('ACCOUNT_NOT_FOUND')
  return account
}

/** Guilds that left their tenant take no bets. @throws ACCOUNT_NOT_FOUND, PRICE_POLICY_REFUSED */
async function checkGuild(em: SqlEntityManager, { asked, account }: Asking): Promise<void> {
  const guild = await em.findOne(GuildPlace, placeOf(account))
  if (!guild) throw analyticsError('ACCOUNT_NOT_FOUND')
  if (guild.complianceMode && asked.priceChange === 'any') {
    throw analyticsError('PRICE_POLICY_REFUSED')
  }
}

/** Figures and status of a new bet. */
function openingOf({ asked, now }: Asking, { legs, potentialPayout }: Draft) {
  const stake = asked.stake.amount
  return {
    ...{ stake, potentialPayout, odds: combinedOdds(legs.map(({ price }) => price.odds)) },
    ...({ status: 'open', outcome: null, payout: null, settlements: 0, settledAt: null } as const),
    ...{ handle: stake, openStake: stake, settledStake: 0n, settledPayout: 0n },
    liability: potentialPayout,
    placedDay: now.toISOString().slice(0, 10),
    placedAt: now,
  }
}

type Drafted = Asking & { draft: Draft; clearance: Clearance }

/** @throws IDEMPOTENCY_KEY_REUSED when a bet stands under the key, whatever it is */
async function writeBet(tx: SqlEntityManager, drafted: Drafted): Promise<Bet> {
  const { asked, account, draft, clearance } = drafted
  const { priceChange, idempotencyKey, requestHash } = asked
  const { userId, currency } = walletOf(account)
  const [only, ...others] = draft.legs
  const isSingle = only !== undefined && others.length === 0
  const bet = tx.create(Bet, {
    ...placeOf(account),
    ...openingOf(drafted, draft),
    ...{ userId, currency, accountId: account.id },
    type: isSingle ? 'single' : 'multiple',
    marketType: isSingle ? only.market.type : 'multiple',
    ...{ priceChange, idempotencyKey, requestHash, clearanceId: clearance.clearanceId },
    ...{ cashOutKey: null, cashOutHash: null },
  })
  tx.persist(bet)
  if (!(await flushUnlessTaken(tx))) throw kernelError('IDEMPOTENCY_KEY_REUSED')
  return bet
}

async function writeLegs(tx: SqlEntityManager, bet: Bet, legs: readonly StandingLeg[]) {
  for (const { asked, position, fixture, market, selection, price } of legs) {
    const { home, away, startsAt, resultVersion } = fixture
    const leg = tx.create(BetLeg, {
      ...placeOf(bet),
      ...{ betId: bet.id, position, home, away, startsAt, resultVersion },
      ...{ fixtureId: fixture.id, marketId: market.id, selectionId: selection.id },
      ...{ marketType: market.type, line: market.line, selection: selection.name },
      ...{ source: price.source, odds: price.odds, askedOdds: asked.odds },
      ...{ outcome: 'open', settledAt: null },
    })
    tx.persist(leg)
  }
  await tx.flush()
}

/** Moves the stake from the bettor to the open stakes. */
async function takeStake(
  { viewer, memory }: AnalyticsRequest,
  tx: SqlEntityManager,
  { bet, account }: { bet: Bet; account: Account },
): Promise<readonly BalanceNews[]> {
  const { stake, id: betId, placedAt: at } = bet
  const house = memory.openStakesOf(account)
  const { balances, accounts } = await post(tx, {
    ...walletOf(account),
    ...{ kind: 'stake', actorId: viewer.userId, betId, at },
    known: new Map([['player', account], ...(house ? [['open_stakes', house] as const] : [])]),
    lines: [
      { kind: 'player', amount: -stake },
      { kind: 'open_stakes', amount: stake },
    ],
  })
  const opened = accounts.get('open_stakes')
  if (!house && opened) afterCommit(() => memory.rememberOpenStakes(account, opened))
  return balances
}

/** Places the bet in one transaction, all that may have moved checked again inside. */
function bookBet(
  request: AnalyticsRequest,
  waiting: Waiting,
  { ground, clearance }: { ground: Ground; clearance: Clearance },
): Promise<Bet> {
  const { account } = waiting
  return transactional(request.inPlace(placeOf(account)), async (tx) => {
    // First: no result is stored between the look at the fixtures and the commit.
    const fixtures = await holdFixtures(tx, fixtureIdsOf(ground.answers))
    // The clock after the lock: whoever waited for it may have missed a kick-off.
    const now = request.clock.now()
    const asking = { ...waiting, now }
    const draft = await draftBet(tx, asking, { ...ground, fixtures })
    const bet = await writeBet(tx, { ...asking, draft, clearance })
    await writeLegs(tx, bet, draft.legs)
    const balances = await takeStake(request, tx, { bet, account })
    const { odds, accountId } = bet
    const details = { accountId, odds, legs: draft.legs.length }
    const beside = [request.clearance.confirmation(clearance, `bet:${bet.id}`)]
    await recordBet(request, tx, { bet, change: 'placed', balances, details, beside })
    return bet
  })
}

/** The bet that stands under the viewer's own key. @throws IDEMPOTENCY_KEY_REUSED */
async function acrossTenantsFindStanding(
  { acrossTenants, read, viewer }: AnalyticsRequest,
  { idempotencyKey, requestHash }: AskedBet,
): Promise<Bet | null> {
  const { userId } = viewer
  if (userId === null) return null
  const standing = await acrossTenants().findOne(Bet, { userId, idempotencyKey })
  if (!standing) return null
  // A key sees its owner's bets within its reach alone.
  const isSeen =
    selfOf(viewer) !== null || (await read().findOne(Bet, { id: standing.id })) !== null
  if (!isSeen || standing.requestHash !== requestHash) throw kernelError('IDEMPOTENCY_KEY_REUSED')
  return standing
}

/** All that can be refused without asking compliance. */
async function checkBet(request: AnalyticsRequest, asking: Asking): Promise<Ground> {
  const { asked, account } = asking
  const em = request.inPlace(placeOf(account))
  await checkGuild(em, asking)
  const { memory } = request
  const answers = await findAnswers(em, memory, asked.legs)
  const limits = await findLimits(em, account)
  checkWithin(limits, asked.stake.amount)
  await checkDraft(em, asking, { answers, limits, memory })
  // The booking has the last word on the balance.
  if ((account.balance ?? 0n) < asked.stake.amount) {
    throw analyticsError('BALANCE_TOO_LOW', { accountId: account.id })
  }
  return { answers, limits }
}

async function placeOnce(request: AnalyticsRequest, asked: AskedBet): Promise<Bet> {
  const { clock, clearance: clearances } = request
  const account = await findOwnAccount(request, asked.accountId)
  checkCurrency(account, asked.stake)
  const waiting = { asked, account }
  const ground = await checkBet(request, { ...waiting, now: clock.now() })
  const { userId, place } = walletOf(account)
  const facts = { kind: 'bet', userId, ...place, ...asked.stake } as const
  return clearances.cleared(facts, (clearance) => bookBet(request, waiting, { ground, clearance }))
}

/**
 * Places a bet once under its key: a repetition answers the same bet and asks nobody, also one that came at the
 * same time.
 */
export async function placeBet(request: AnalyticsRequest, input: BetInput): Promise<Bet> {
  const asked = readBet(input)
  const standing = await acrossTenantsFindStanding(request, asked)
  if (standing) return standing
  try {
    return await placeOnce(request, asked)
  } catch (failure) {
    // Refused perhaps because its twin was faster: then the twin's bet is the answer.
    const twin = isDomainError(failure) ? await acrossTenantsFindStanding(request, asked) : null
    if (twin) return twin
    throw failure
  }
}
