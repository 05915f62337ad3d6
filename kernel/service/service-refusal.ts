import { DomainError, type ErrorDetails } from '../errors.ts'

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/
const MAX_MESSAGE = 500
const MAX_DETAILS = 20
const MAX_DETAIL = 200

type Unchecked = Readonly<Record<string, unknown>>

/** True for a JSON object. */
export const isJsonObject = (value: unknown): value is Unchecked =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= MAX_DETAIL)

function detailsOf(source: Unchecked): ErrorDetails {
  const entries = Object.entries(source).filter(([key]) => key !== 'code' && key !== 'message')
  const plain = entries.filter((entry): entry is [string, string | number | boolean | null] =>
    isPlain(entry[1]),
  )
  return Object.fromEntries(plain.slice(0, MAX_DETAILS))
}

/**
 * The refusal that another service gave, with its own code: `{ code, message?, …details }` or a
 * GraphQL error with `extensions.code`. Null when it carries no code.
 */
export function toRefusal(source: unknown): DomainError | null {
  if (!isJsonObject(source)) return null
  const coded = isJsonObject(source.extensions) ? source.extensions : source
  if (typeof coded.code !== 'string' || !CODE.test(coded.code)) return null
  const message = typeof source.message === 'string' ? source.message : coded.code
  return new DomainError(coded.code, message.slice(0, MAX_MESSAGE), detailsOf(coded))
}
