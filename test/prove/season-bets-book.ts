import { cashOutOf, payoutOf, type RuledLeg, type Verdict, verdictOf } from './season-bets-rules.ts'
import type { Answer } from './season-bets-story.ts'
import type { World } from './season-bets-world.ts'

/** What a guild lets be staked in one currency, amounts in minor units. */
export type Limits = {
  minStake: bigint
  maxStake: bigint
  maxPayout: bigint
  maxLegs: number
  fee: number
}

export type Guild = {
  guildId: string
  tenantId: string
  /** The stricter rules. */
  isStrict: boolean
  limits: Map<string, Limits>
}

/** One person's money in one guild and currency. */
export type Wallet = {
  guild: Guild
  userId: string
  currency: string
  /** The platform's id of the account. */
  accountId: string
  player: bigint
  held: bigint
  debt: bigint
  holds: Hold[]
  bets: Bet[]
}

export type Hold = {
  id: string
  wallet: Wallet
  purpose: 'withdrawal' | 'review'
  amount: bigint
  status: 'open' | 'released' | 'captured' | 'completed'
  isFrozen: boolean
}

export type BetLeg = { answer: Answer; source: string; odds: number; version: number }

export type Bet = {
  stake: bigint
  id: string
  wallet: Wallet
  legs: readonly BetLeg[]
  day: string
  /** Null while open. */
  verdict: Verdict | null
  isCashedOut: boolean
  settlements: number
  cashOutKey: string | null
}

/** The house in one guild and currency. */
export type House = { cash: bigint; open_stakes: bigint; result: bigint; adjustments: bigint }

export const DEFAULT_LIMITS: Limits = {
  ...{ minStake: 100n, maxStake: 100_000n, maxPayout: 10_000_000n, maxLegs: 12, fee: 500 },
}

export const limitsOf = ({ guild, currency }: Wallet): Limits =>
  guild.limits.get(currency) ?? DEFAULT_LIMITS

export const houseKey = ({ guild, currency }: Wallet) => `${guild.guildId} ${currency}`

/** How money left the open stakes, or came back to them. */
export type Turns = {
  settled: number
  corrected: number
  reopened: number
  /** Withdrawals that went back because their money was taken back. */
  cancelled: number
}

export type Book = ReturnType<typeof createBook>

const least = (one: bigint, other: bigint) => (one < other ? one : other)

/** Every balance and bet of the season, calculated a second time. */
export function createBook(world: World) {
  const wallets: Wallet[] = []
  const bets: Bet[] = []
  const betsOn = new Map<number, Set<Bet>>()
  const houses = new Map<string, House>()
  const turns: Turns = { settled: 0, corrected: 0, reopened: 0, cancelled: 0 }
  const house = (wallet: Wallet): House => {
    const key = houseKey(wallet)
    const empty = { cash: 0n, open_stakes: 0n, result: 0n, adjustments: 0n }
    const known = houses.get(key) ?? empty
    houses.set(key, known)
    return known
  }
  const endHold = (hold: Hold, status: Exclude<Hold['status'], 'open'>) => {
    const { wallet, amount } = hold
    hold.status = status
    wallet.held -= amount
    if (status === 'released') wallet.player += amount
    else if (status === 'captured') house(wallet).adjustments += amount
    else house(wallet).cash += amount
  }
  const give = (wallet: Wallet, amount: bigint) => {
    const repaid = least(-wallet.debt, amount)
    wallet.debt += repaid
    wallet.player += amount - repaid
  }
  /** Withdrawals that nobody paid out or froze go back, the newest first, until there is enough. */
  const cancel = (wallet: Wallet, enough: bigint) => {
    for (const hold of wallet.holds.toReversed()) {
      if (wallet.player >= enough) return
      const isOpen = hold.status === 'open' && !hold.isFrozen
      if (!isOpen || hold.purpose !== 'withdrawal') continue
      endHold(hold, 'released')
      turns.cancelled += 1
    }
  }
  const take = (wallet: Wallet, amount: bigint) => {
    if (amount > 0n) cancel(wallet, amount)
    const taken = least(wallet.player, amount)
    wallet.player -= taken
    wallet.debt -= amount - taken
  }
  const ruled = (bet: Bet): RuledLeg[] =>
    bet.legs.map(({ answer, odds }) => ({ ...answer, odds, result: world.at(answer.match).result }))
  const end = ({ wallet, stake }: Bet, payout: bigint) => {
    give(wallet, payout)
    house(wallet).open_stakes -= stake
    house(wallet).result += stake - payout
  }
  const reopen = ({ wallet, stake }: Bet, payout: bigint) => {
    take(wallet, payout)
    house(wallet).open_stakes += stake
    house(wallet).result -= stake - payout
  }
  const bring = (bet: Bet) => {
    for (const leg of bet.legs) leg.version = world.at(leg.answer.match).version
    if (bet.isCashedOut) return
    const before = bet.verdict
    const after = verdictOf(bet.stake, ruled(bet))
    if (before?.outcome === after?.outcome && before?.payout === after?.payout) return
    if (before) reopen(bet, before.payout)
    if (after) end(bet, after.payout)
    bet.verdict = after
    if (after) bet.settlements += 1
    if (!before) turns.settled += 1
    else if (after) turns.corrected += 1
    else turns.reopened += 1
  }
  return {
    wallets,
    bets,
    houses,
    turns,
    openWallet: (facts: Pick<Wallet, 'guild' | 'userId' | 'currency' | 'accountId'>): void => {
      const empty = { player: 0n, held: 0n, debt: 0n }
      const wallet: Wallet = { ...facts, ...empty, holds: [], bets: [] }
      house(wallet)
      wallets.push(wallet)
    },
    deposit: (wallet: Wallet, amount: bigint): void => {
      wallet.player += amount
      house(wallet).cash -= amount
    },
    adjust: (wallet: Wallet, amount: bigint): void => {
      wallet.player += amount
      house(wallet).adjustments -= amount
    },
    hold: (wallet: Wallet, facts: Pick<Hold, 'id' | 'purpose' | 'amount'>): void => {
      wallet.player -= facts.amount
      wallet.held += facts.amount
      wallet.holds.push({ wallet, ...facts, status: 'open', isFrozen: false })
    },
    endHold,
    stake: (facts: Omit<Bet, 'verdict' | 'isCashedOut' | 'settlements' | 'cashOutKey'>): void => {
      const fresh = { verdict: null, isCashedOut: false, settlements: 0, cashOutKey: null }
      const bet: Bet = { ...facts, ...fresh }
      bet.wallet.player -= bet.stake
      house(bet.wallet).open_stakes += bet.stake
      bets.push(bet)
      bet.wallet.bets.push(bet)
      for (const { answer } of bet.legs) {
        const all = betsOn.get(answer.match) ?? new Set()
        betsOn.set(answer.match, all.add(bet))
      }
    },
    /** What a bet pays if all that is open wins. */
    mayPay: (bet: Bet): bigint => payoutOf(bet.stake, ruled(bet)),
    /** What a bet would be paid now, or null. */
    cashOutValue: (bet: Bet): bigint | null => {
      if (bet.verdict || bet.isCashedOut) return null
      const legs = ruled(bet).map((leg, index) => {
        const { answer, source, version } = bet.legs[index] as BetLeg
        const match = world.at(answer.match)
        const isOffered = world.isOpen(match) && world.isHeard()
        const isCurrent = version === match.version && (leg.result !== null || isOffered)
        const price = world.priceOf(answer, source)
        const isPriced = leg.result !== null || price !== null
        return isCurrent && isPriced ? { ...leg, current: price?.odds ?? 0 } : null
      })
      const whole = legs.filter((leg) => leg !== null)
      return whole.length < legs.length
        ? null
        : cashOutOf(bet.stake, whole, limitsOf(bet.wallet).fee)
    },
    cashOut: (bet: Bet, value: bigint, key: string): void => {
      end(bet, value)
      bet.isCashedOut = true
      bet.cashOutKey = key
      bet.verdict = { outcome: 'cashed_out', payout: value }
    },
    /** Brings every bet on a match whose result changed to what results say now: match by match, older bets first. */
    settle: (): void => {
      for (const match of world.takeUnsettled()) {
        const { version } = world.at(match)
        const isBehind = ({ legs }: Bet) =>
          legs.some(({ answer, version: seen }) => answer.match === match && seen < version)
        const behind = [...(betsOn.get(match) ?? [])].filter(isBehind)
        const inOrder = behind.toSorted((left, right) => Number(left.id) - Number(right.id))
        for (const bet of inOrder) bring(bet)
      }
    },
  }
}

/** What is asked of many bets at once, by group. */
export type Figures = {
  bets: number
  handle: bigint
  openStakes: bigint
  turnover: bigint
  payout: bigint
  openLiability: bigint
}

const NOTHING: Figures = {
  ...{ bets: 0, handle: 0n, openStakes: 0n, turnover: 0n, payout: 0n, openLiability: 0n },
}

export const marketOf = ({ legs }: Bet) =>
  legs.length === 1 ? (legs[0]?.answer.market ?? '') : 'multiple'

/** Sums of bets by group: what was given back is no handle and no turnover. */
export function figuresBy(
  { bets, mayPay }: Pick<Book, 'bets' | 'mayPay'>,
  keyOf: (bet: Bet) => string,
): Map<string, Figures> {
  const groups = new Map<string, Figures>()
  for (const bet of bets) {
    const key = keyOf(bet)
    const sum = groups.get(key) ?? { ...NOTHING }
    groups.set(key, sum)
    sum.bets += 1
    const { stake, verdict } = bet
    if (!verdict) {
      sum.handle += stake
      sum.openStakes += stake
      sum.openLiability += mayPay(bet)
    } else if (verdict.outcome !== 'void') {
      sum.handle += stake
      sum.turnover += stake
      sum.payout += verdict.payout
    }
  }
  return groups
}
