import {
  type Asked,
  amountUpTo,
  clearanceCode,
  type Data,
  isOneIn,
  oneOf,
  type Table,
  toMoney,
} from './season-bets-asked.ts'
import { type Bet, type BetLeg, limitsOf, type Wallet } from './season-bets-book.ts'
import { playerOf } from './season-bets-people.ts'
import { combinedOdds, payoutOf } from './season-bets-rules.ts'
import type { Match } from './season-bets-world.ts'

/** A leg as it is asked for, and what it would be taken at; null where no price stands. */
type Leg = {
  selectionId: string
  match: Match
  asked: number
  source: string | null
  leg: BetLeg | null
}

const LOWEST = 1_001
const HIGHEST = 1_000_000
const within = (odds: number) => Math.min(HIGHEST, Math.max(LOWEST, odds))

const POLICIES = ['EXACT', 'BETTER', 'ANY'] as const
type Policy = (typeof POLICIES)[number]

/** The odds that a player says to have seen; mostly those that let the bet through. */
function askedOdds({ chance }: Table, odds: number, policy: Policy): number {
  const away = chance.between(1, 300)
  if (policy === 'ANY') return within(odds + away - 150)
  const isMoved = isOneIn(chance, 12)
  if (policy === 'EXACT') return within(isMoved ? odds + away - 150 : odds)
  return within(isMoved ? odds + away : odds - chance.between(0, 300))
}

function makeLeg(table: Table, match: Match, policy: Policy): Leg | null {
  const { world, chance, platform } = table
  const answer = oneOf(chance, world.answersOf(match.place))
  if (!answer) return null
  const isUnknown = isOneIn(chance, 150)
  const named = oneOf(chance, world.sourcesOf(answer))
  const source = isUnknown ? 'nobody' : isOneIn(chance, 3) ? null : named
  const price = world.priceOf(answer, source)
  const version = match.version
  return {
    ...{ match, source, selectionId: platform.selectionId(answer) },
    asked: askedOdds(table, price?.odds ?? 2_000, policy),
    leg: price && { answer, source: price.source, odds: price.odds, version },
  }
}

const accepts: Record<Policy, (asked: number, odds: number) => boolean> = {
  EXACT: (asked, odds) => asked === odds,
  BETTER: (asked, odds) => odds >= asked,
  ANY: () => true,
}

type Refusal = { code: string; details?: Data } | null

function legRefusal({ world }: Table, legs: readonly Leg[], policy: Policy): Refusal {
  for (const [index, { match, asked, leg }] of legs.entries()) {
    const position = index + 1
    if (!world.isOpen(match)) return { code: 'MARKET_CLOSED', details: { position } }
    if (!world.isHeard()) return { code: 'QUOTE_STALE', details: { position } }
    const odds = leg?.odds ?? 0
    if (!accepts[policy](asked, odds)) {
      return { code: 'PRICE_CHANGED', details: { position, currentOdds: odds } }
    }
  }
  return null
}

const potentialOf = (stake: bigint, legs: readonly BetLeg[]): bigint =>
  payoutOf(
    stake,
    legs.map(({ answer, odds }) => ({ ...answer, odds, result: null })),
  )

/** The highest stake that the guild would pay, found by halving. */
function highestStake(maxPayout: bigint, legs: readonly BetLeg[]): bigint {
  let [most, tooMuch] = [0n, maxPayout + 1n]
  while (tooMuch - most > 1n) {
    const middle = (most + tooMuch) / 2n
    if (potentialOf(middle, legs) > maxPayout) tooMuch = middle
    else most = middle
  }
  return most
}

function payoutRefusal(wallet: Wallet, stake: bigint, legs: readonly Leg[]): Refusal {
  const { minStake, maxPayout } = limitsOf(wallet)
  const taken = legs.flatMap(({ leg }) => leg ?? [])
  if (potentialOf(stake, taken) <= maxPayout) return null
  const highest = highestStake(maxPayout, taken)
  const maxStake = highest < minStake ? null : String(highest)
  return { code: 'PAYOUT_ABOVE_LIMIT', details: { maxPayout: String(maxPayout), maxStake } }
}

type Wish = { stake: bigint; legs: readonly Leg[]; policy: Policy }

/** No price and a stake beyond the limits: which of the two is said is nobody's promise. */
function isTwiceWrong(wallet: Wallet, { stake, legs }: Wish): boolean {
  const { minStake, maxStake } = limitsOf(wallet)
  return legs.some(({ leg }) => leg === null) && (stake < minStake || stake > maxStake)
}

/** The rules in the order in which they are looked at. */
function refusalOf(table: Table, wallet: Wallet, { stake, legs, policy }: Wish): Refusal {
  const { minStake, maxStake, maxLegs } = limitsOf(wallet)
  if (stake <= 0n) return { code: 'STAKE_INVALID' }
  if (wallet.guild.isStrict && policy === 'ANY') return { code: 'PRICE_POLICY_REFUSED' }
  const unpriced = legs.findIndex(({ leg }) => leg === null)
  if (unpriced >= 0) return { code: 'QUOTE_NOT_FOUND', details: { position: unpriced + 1 } }
  if (stake < minStake) return { code: 'STAKE_BELOW_LIMIT', details: { minStake: `${minStake}` } }
  if (stake > maxStake) return { code: 'STAKE_ABOVE_LIMIT', details: { maxStake: `${maxStake}` } }
  const places = new Set(legs.map(({ match }) => match.place))
  if (legs.length > maxLegs || places.size < legs.length) return { code: 'BET_LEGS_INVALID' }
  const refused = legRefusal(table, legs, policy) ?? payoutRefusal(wallet, stake, legs)
  if (refused) return refused
  if (stake > wallet.player) return { code: 'BALANCE_TOO_LOW' }
  const code = clearanceCode(stake)
  return code ? { code } : null
}

function chooseLegs(table: Table, policy: Policy): Leg[] {
  const { world, chance } = table
  const all = world.matches()
  const open = all.filter(world.isOpen)
  const late = all.filter((match) => !world.isOpen(match)).slice(-20)
  const roll = chance.between(0, 100)
  const wanted = roll < 55 ? 1 : roll < 88 ? chance.between(2, 4) : chance.between(4, 8)
  const legs: Leg[] = []
  const rest = [...open]
  while (legs.length < wanted && rest.length > 0) {
    const [match] = rest.splice(chance.between(0, rest.length), 1)
    const leg = match && makeLeg(table, match, policy)
    if (leg) legs.push(leg)
  }
  const closed = isOneIn(chance, 40) ? oneOf(chance, late) : null
  const last = closed && makeLeg(table, closed, policy)
  const [first] = legs
  if (last) legs.push(last)
  else if (first && isOneIn(chance, 60)) legs.push(first)
  return legs
}

function chooseStake({ chance }: Table, wallet: Wallet): bigint {
  const { minStake, maxStake } = limitsOf(wallet)
  const roll = chance.between(0, 100)
  if (roll < 1) return 0n
  if (roll < 2) return -amountUpTo(chance, 500n)
  if (roll < 4) return minStake - 1n
  if (roll < 6) return maxStake + amountUpTo(chance, 500n)
  if (roll < 12) return wallet.player + amountUpTo(chance, 50n)
  const most = wallet.player / 4n + minStake
  return minStake + amountUpTo(chance, most < maxStake ? most : maxStake) - 1n
}

type Taken = { wallet: Wallet; stake: bigint; legs: readonly BetLeg[] }

/** What a bet that was placed must show. */
function answerOf({ stake, legs }: Taken): Data {
  return {
    ...{ status: 'OPEN', outcome: null, payout: null, settlements: 0 },
    odds: combinedOdds(legs.map(({ odds }) => odds)),
    potentialPayout: { amount: String(potentialOf(stake, legs)) },
    legs: legs.map(({ odds, source }) => ({ odds, source })),
  }
}

function bookStake({ book, world }: Table, { wallet, stake, legs }: Taken) {
  const day = new Date(world.now()).toISOString().slice(0, 10)
  return ({ id }: Data) =>
    book.stake({
      id: String(id),
      wallet,
      stake,
      day,
      legs: legs.map((leg) => ({ ...leg })),
    })
}

/** One thing wrong that no rule about prices is asked for. */
function faultOf({ chance }: Table, wallet: Wallet): { input: Data; code: string } {
  const currency = wallet.currency === 'EUR' ? 'USD' : 'EUR'
  const faults = [
    { input: { accountId: '999999' }, code: 'ACCOUNT_NOT_FOUND' },
    { input: { stake: toMoney(500n, currency) }, code: 'KERNEL_CURRENCY_MISMATCH' },
    { input: { legs: [] }, code: 'BET_LEGS_INVALID' },
    { input: { legs: [{ selectionId: '99999999', odds: 2_000 }] }, code: 'SELECTION_NOT_FOUND' },
    { input: { legs: [{ selectionId: '1', odds: 1_000 }] }, code: 'ODDS_INVALID' },
    { input: { idempotencyKey: 'no spaces here' }, code: 'IDEMPOTENCY_KEY_INVALID' },
  ]
  return oneOf(chance, faults) as (typeof faults)[number]
}

export function makeBet(table: Table, wallet: Wallet): Asked | null {
  const { chance, newKey } = table
  const { guild, userId, currency, accountId } = wallet
  const policy = oneOf(chance, guild.isStrict ? POLICIES.slice(0, 2) : POLICIES) as Policy
  const wish = { stake: chooseStake(table, wallet), legs: chooseLegs(table, policy), policy }
  if (wish.legs.length === 0 || isTwiceWrong(wallet, wish)) return null
  if (guild.isStrict && isOneIn(chance, 30)) wish.policy = 'ANY'
  const refused = refusalOf(table, wallet, wish)
  const taken = { wallet, stake: wish.stake, legs: wish.legs.flatMap(({ leg }) => leg ?? []) }
  const asked: Asked = {
    ...{ act: 'placeBet', wallet, asker: playerOf(guild, userId) },
    input: {
      ...{ accountId, stake: toMoney(wish.stake, currency), priceChange: wish.policy },
      legs: wish.legs.map(({ selectionId, asked: odds, source }) => ({
        selectionId,
        odds,
        source,
      })),
      idempotencyKey: newKey(),
    },
    code: refused?.code ?? null,
    details: refused?.details ?? {},
    answer: answerOf(taken),
    apply: bookStake(table, taken),
  }
  if (refused || !isOneIn(chance, 40)) return asked
  const { input, code } = faultOf(table, wallet)
  return { ...asked, code, input: { ...asked.input, ...input } }
}

/** Mostly one that is open. */
function chooseBet({ chance }: Table, { bets }: Wallet): Bet | null {
  if (isOneIn(chance, 10)) return oneOf(chance, bets.slice(-40))
  return oneOf(
    chance,
    bets.slice(-60).filter((bet) => bet.verdict === null),
  )
}

export function makeCashOut(table: Table, wallet: Wallet): Asked | null {
  const { chance, book, newKey } = table
  const bet = chooseBet(table, wallet)
  if (!bet) return null
  const value = book.cashOutValue(bet)
  const asking = isOneIn(chance, 6) ? 1n : isOneIn(chance, 3) ? -amountUpTo(chance, 90n) : 0n
  const amount = (value ?? 100n) + asking
  const idempotencyKey = newKey()
  const changed = { code: 'CASH_OUT_CHANGED', details: { currentAmount: String(value) } }
  const refused = value !== null && amount > value ? changed : null
  const unavailable = value === null ? 'CASH_OUT_UNAVAILABLE' : null
  return {
    ...{ act: 'cashOutBet', wallet, asker: playerOf(wallet.guild, wallet.userId) },
    input: { betId: bet.id, amount: String(amount), idempotencyKey },
    code: amount < 0n ? 'AMOUNT_INVALID' : (unavailable ?? refused?.code ?? null),
    details: refused?.details ?? {},
    answer: { status: 'CASHED_OUT', outcome: 'CASHED_OUT', payout: { amount: String(value) } },
    apply: () => book.cashOut(bet, value ?? 0n, idempotencyKey),
  }
}
