import { holdsCardNumber } from '#kernel/card-numbers.ts'
import { kernelError } from '#kernel/errors.ts'
import { type Money, money } from '#kernel/money.ts'
import { analyticsError } from '../../errors.ts'

/** The largest amount of one booking, in minor units. */
const LARGEST_AMOUNT = 10n ** 15n

const LONGEST_NOTE = 200
const IDEMPOTENCY_KEY = /^[\w.:-]{8,64}$/
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u

/** More than nothing. @throws AMOUNT_INVALID, KERNEL_CURRENCY_INVALID */
export function checkAmount({ amount, currency }: Money): Money {
  if (amount <= 0n || amount > LARGEST_AMOUNT) throw analyticsError('AMOUNT_INVALID')
  return money(amount, currency)
}

/** More or less than nothing. @throws AMOUNT_INVALID, KERNEL_CURRENCY_INVALID */
export function checkSignedAmount({ amount, currency }: Money): Money {
  checkAmount({ amount: amount < 0n ? -amount : amount, currency })
  return money(amount, currency)
}

/** Codes of ISO 4217 that are no money to bet with: drawing rights, units of account, tests, none. */
const NO_MONEY = /^X(?:DR|SU|UA|TS|XX)$/
const ISSUED: ReadonlySet<string> = new Set(
  Intl.supportedValuesOf('currency').filter((code) => !NO_MONEY.test(code)),
)

/** A currency that is in use. @throws KERNEL_CURRENCY_INVALID */
export function checkIssuedCurrency(currency: string): string {
  if (!ISSUED.has(currency)) throw kernelError('KERNEL_CURRENCY_INVALID', { currency })
  return currency
}

/** An amount in the currency of the account. @throws KERNEL_CURRENCY_MISMATCH with both */
export function checkCurrency(account: { currency: string }, { currency }: Money): void {
  if (account.currency === currency) return
  throw kernelError('KERNEL_CURRENCY_MISMATCH', { expected: account.currency, given: currency })
}

/** @throws CARD_NUMBER_REFUSED */
function refuseCardNumber(text: string): string {
  if (holdsCardNumber(text)) throw analyticsError('CARD_NUMBER_REFUSED')
  return text
}

/** One line for people, trimmed. @throws NOTE_INVALID, CARD_NUMBER_REFUSED */
export function checkReason(text: string): string {
  const trimmed = text.trim()
  const isSound = trimmed.length >= 1 && trimmed.length <= LONGEST_NOTE
  if (!isSound || UNPRINTABLE.test(trimmed)) throw analyticsError('NOTE_INVALID')
  return refuseCardNumber(trimmed)
}

/** As `checkReason`, or null when there is none. */
export function checkNote(text: string | null | undefined): string | null {
  return text == null || text.trim() === '' ? null : checkReason(text)
}

/** @throws IDEMPOTENCY_KEY_INVALID, CARD_NUMBER_REFUSED */
export function checkIdempotencyKey(key: string): string {
  if (!IDEMPOTENCY_KEY.test(key)) throw analyticsError('IDEMPOTENCY_KEY_INVALID')
  return refuseCardNumber(key)
}
