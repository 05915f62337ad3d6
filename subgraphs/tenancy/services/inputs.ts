import { isDecimalId } from '#kernel/ids.ts'
import { tenancyError } from '../errors.ts'

type Rule = { readonly pattern: RegExp; readonly expected: string }

const RULES = {
  code: {
    pattern: /^[a-z][a-z0-9-]{1,48}$/,
    expected: 'a letter a-z, then 1 to 48 of a-z, 0-9 and -',
  },
  resource: {
    pattern: /^[a-z][a-z0-9_.-]{1,49}$/,
    expected: 'a letter a-z, then 1 to 49 of a-z, 0-9, _, . and -',
  },
  key: {
    pattern: /^[a-z][a-z0-9_.-]{1,49}$/,
    expected: 'a letter a-z, then 1 to 49 of a-z, 0-9, _, . and -',
  },
  idempotencyKey: {
    pattern: /^[\w.:-]{8,64}$/,
    expected: '8 to 64 of A-Z, a-z, 0-9, _, ., : and -',
  },
  subject: { pattern: /^[\x20-\x7e]{1,128}$/, expected: '1 to 128 printable ASCII characters' },
} as const satisfies Readonly<Record<string, Rule>>

/** The refusal of one value. */
export function invalidInput(field: string, expected: string) {
  return tenancyError('TENANCY_INPUT_INVALID', { field, expected })
}

/** Text of a known form. @throws TENANCY_INPUT_INVALID */
export function checkForm(field: keyof typeof RULES, value: string): string {
  const { pattern, expected } = RULES[field]
  if (!pattern.test(value)) throw invalidInput(field, expected)
  return value
}

const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u

/** Text for people, trimmed: one line, not empty. @throws TENANCY_INPUT_INVALID */
export function checkText(field: string, value: string, longest: number): string {
  const text = value.trim()
  const isAllowed = text.length >= 1 && text.length <= longest && !UNPRINTABLE.test(text)
  if (!isAllowed) throw invalidInput(field, `1 to ${longest} printable characters on one line`)
  return text
}

/** @throws TENANCY_INPUT_INVALID */
export function checkGuildId(value: string): string {
  if (!isDecimalId(value)) throw invalidInput('guildId', 'the id that Discord gave the guild')
  return value
}

const LARGEST_AMOUNT = 10n ** 15n

/** Units of a resource. @throws TENANCY_INPUT_INVALID */
export function checkAmount(field: string, value: bigint, smallest: bigint): bigint {
  if (value >= smallest && value <= LARGEST_AMOUNT) return value
  throw invalidInput(field, `a whole number from ${smallest} to ${LARGEST_AMOUNT}`)
}

/** @throws TENANCY_INPUT_INVALID */
export function checkPercent(field: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 100) return value
  throw invalidInput(field, 'a whole number from 0 to 100')
}
