import { isDecimalId } from '#kernel/ids.ts'
import { HIGHEST_ODDS, LOWEST_ODDS, type Money, money } from '#kernel/money.ts'
import type { PriceChange } from '../../entities/bet.ts'
import { analyticsError } from '../../errors.ts'
import { readName } from '../feeds/values.ts'
import { checkIdempotencyKey } from '../ledger/inputs.ts'
import { hashRequest } from '../ledger/repeats.ts'

/** One answer to bet on, at the price that the bettor saw. */
export type LegInput = {
  selectionId: string
  /** Thousandths. */
  odds: number
  /** Whose price; absent for the best. */
  source?: string | null | undefined
}

export type BetInput = {
  accountId: string
  stake: Money
  legs: readonly LegInput[]
  priceChange: PriceChange
  idempotencyKey: string
}

export type AskedLeg = { selectionId: string; odds: number; source: string | null }

/** A bet as it was asked for, checked as far as that needs no table. */
export type AskedBet = Omit<BetInput, 'legs'> & {
  legs: readonly AskedLeg[]
  requestHash: string
}

/** Far beyond what limits allow; more is no bet. */
const MOST_LEGS = 50
const LARGEST_STAKE = 10n ** 15n

/** @throws STAKE_INVALID, KERNEL_CURRENCY_INVALID */
function checkStake({ amount, currency }: Money): Money {
  if (amount <= 0n || amount > LARGEST_STAKE) throw analyticsError('STAKE_INVALID')
  return money(amount, currency)
}

/** @throws SELECTION_NOT_FOUND, ODDS_INVALID, QUOTE_NOT_FOUND */
function readLeg({ selectionId, odds, source }: LegInput, index: number): AskedLeg {
  const position = index + 1
  if (!isDecimalId(selectionId)) throw analyticsError('SELECTION_NOT_FOUND', { position })
  if (odds < LOWEST_ODDS || odds > HIGHEST_ODDS) throw analyticsError('ODDS_INVALID', { position })
  if (source == null) return { selectionId, odds, source: null }
  if (readName(source) !== source) throw analyticsError('QUOTE_NOT_FOUND', { position })
  return { selectionId, odds, source }
}

/** @throws BET_LEGS_INVALID with how many are allowed */
export function checkCount({ length }: { length: number }, maxLegs: number): void {
  if (length <= maxLegs) return
  throw analyticsError('BET_LEGS_INVALID', { reason: 'TOO_MANY', maxLegs })
}

/**
 * @throws STAKE_INVALID, KERNEL_CURRENCY_INVALID, BET_LEGS_INVALID, SELECTION_NOT_FOUND, ODDS_INVALID,
 * QUOTE_NOT_FOUND, IDEMPOTENCY_KEY_INVALID
 */
export function readBet(input: BetInput): AskedBet {
  const { accountId, priceChange } = input
  const stake = checkStake(input.stake)
  if (input.legs.length === 0) throw analyticsError('BET_LEGS_INVALID', { reason: 'NONE' })
  checkCount(input.legs, MOST_LEGS)
  const legs = input.legs.map(readLeg)
  const idempotencyKey = checkIdempotencyKey(input.idempotencyKey)
  const { amount, currency } = stake
  const requestHash = hashRequest('placeBet', { accountId, amount, currency, legs, priceChange })
  return { accountId, stake, legs, priceChange, idempotencyKey, requestHash }
}
