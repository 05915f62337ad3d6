/** How long a new key may work. */
export const EXPIRIES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '365 days' },
  { value: 'date', label: 'Until a date' },
  { value: 'never', label: 'Without end' },
] as const

export type Expiry = (typeof EXPIRIES)[number]['value']

const DAY_MS = 86_400_000

/** A day of the reader's own calendar, as inputs of dates take it. */
export function dayText(ms: number): string {
  const day = new Date(ms)
  const two = (count: number) => String(count).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

const endOf = (day: string) => new Date(`${day}T23:59:59`)

/** What is wrong with the last day of a key; null where nothing is. Only a chosen day can be wrong. */
export function dayComplaint(expiry: Expiry, day: string, now: number): string | null {
  if (expiry !== 'date') return null
  const endsAt = endOf(day).getTime()
  if (Number.isNaN(endsAt)) return 'Choose the last day.'
  return endsAt <= now ? 'This day is over: choose today or a later one.' : null
}

/**
 * When a key of this choice ends; null for no end. `day` ends with its last second, here.
 * @throws RangeError for a day that `dayComplaint` complains of
 */
export function expiresAtOf(expiry: Expiry, day: string, now: number): string | null {
  if (expiry === 'never') return null
  if (expiry === 'date') return endOf(day).toISOString()
  return new Date(now + Number(expiry) * DAY_MS).toISOString()
}
