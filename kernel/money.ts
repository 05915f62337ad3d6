import { kernelError } from './errors.ts'

/** Integer minor units (cents) of one ISO 4217 currency. */
export type Money = { readonly amount: bigint; readonly currency: string }

const CURRENCY = /^[A-Z]{3}$/

/** @throws KERNEL_CURRENCY_INVALID when the currency is not three capital letters. */
export function money(amount: bigint, currency: string): Money {
  if (!CURRENCY.test(currency)) throw kernelError('KERNEL_CURRENCY_INVALID', { currency })
  return { amount, currency }
}

/** @throws KERNEL_CURRENCY_MISMATCH when the currencies differ. */
export function addMoney(left: Money, right: Money): Money {
  if (left.currency !== right.currency) {
    throw kernelError('KERNEL_CURRENCY_MISMATCH', { left: left.currency, right: right.currency })
  }
  return money(left.amount + right.amount, left.currency)
}

/** Decimal odds in thousandths: 2.10 is 2100. Exchanges quote from 1.01 to 1000. */
export const LOWEST_ODDS = 1001
export const HIGHEST_ODDS = 1_000_000

/** Odds in thousandths from their decimal text or number, or null when they are no odds. */
export function parseOdds(decimal: unknown): number | null {
  const text = typeof decimal === 'number' ? String(decimal) : decimal
  if (typeof text !== 'string' || !/^\d{1,4}(\.\d{1,6})?$/.test(text.trim())) return null
  const thousandths = Math.round(Number(text) * 1000)
  return thousandths >= LOWEST_ODDS && thousandths <= HIGHEST_ODDS ? thousandths : null
}
