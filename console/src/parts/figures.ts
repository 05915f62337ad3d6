import { minorDigits } from './currencies.ts'

/** Odds in thousandths as they are read: 2100 is 2.10, 2105 is 2.105. */
export function oddsText(thousandths: number): string {
  return (thousandths / 1_000).toFixed(thousandths % 10 === 0 ? 2 : 3)
}

/** Odds that nobody offers but somebody works out: two places say enough. */
export const fairOddsText = (thousandths: number): string => (thousandths / 1_000).toFixed(2)

const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ',')

/** Minor units as they are read, exact at any length: 100000 EUR is 1,000.00 EUR. */
export function moneyText({ amount, currency }: { amount: string; currency: string }): string {
  const digits = minorDigits(currency)
  const sign = amount.startsWith('-') ? '−' : ''
  const padded = amount.replace('-', '').padStart(digits + 1, '0')
  const whole = padded.slice(0, padded.length - digits)
  const part = digits > 0 ? `.${padded.slice(-digits)}` : ''
  return `${sign}${grouped(whole)}${part} ${currency}`
}

/** What a person wrote as an amount, in minor units; null for what is none. */
export function minorUnits(text: string, currency: string): string | null {
  const digits = minorDigits(currency)
  const [, whole = '', part = ''] = /^\s*(\d{1,12})(?:[.,](\d{1,4}))?\s*$/.exec(text) ?? []
  if (whole === '' || part.length > digits) return null
  return (whole + part.padEnd(digits, '0')).replace(/^0+(?=\d)/, '')
}

/** A probability as a share of a hundred. */
export const percentText = (share: number): string => `${(share * 100).toFixed(1)} %`

/** A count or a quantity of any length, grouped by thousands. */
export const countText = (count: number | string): string => grouped(String(count))

const DAY_TIME = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const WHOLE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const CLOCK_TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** A point in time where days matter, in the reader's own time. */
export const dayTimeText = (at: string): string => DAY_TIME.format(new Date(at))
/** A point in time, whole. */
export const wholeTimeText = (at: string): string => WHOLE_TIME.format(new Date(at))
/** A point of today. */
export const clockText = (at: string): string => CLOCK_TIME.format(new Date(at))

const STEPS = [
  { ms: 86_400_000, sign: 'd' },
  { ms: 3_600_000, sign: 'h' },
  { ms: 60_000, sign: 'min' },
  { ms: 1_000, sign: 's' },
] as const

/** A span of time in its largest unit: 42 s, 5 min, 3 h. */
export function spanText(ms: number): string {
  const span = Math.max(0, ms)
  const { ms: unit, sign } = STEPS.find((step) => span >= step.ms) ?? STEPS[3]
  return `${Math.floor(span / unit)} ${sign}`
}
