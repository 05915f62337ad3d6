/** Values that may travel to a client beside an error's code: never secrets, never personal data. */
export type ErrorDetails = Readonly<
  Record<string, string | number | boolean | null | readonly string[]>
>

/**
 * A refusal that a caller can act on. The code is stable and never reused; the message may improve.
 * `extensions` is what GraphQL clients see beside the message.
 */
export class DomainError extends Error {
  readonly code: string
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DomainError'
    this.code = code
    this.extensions = { ...details, code }
  }
}

/** Narrows an unknown failure to a coded refusal, optionally of one code. */
export function isDomainError(failure: unknown, code?: string): failure is DomainError {
  return failure instanceof DomainError && (code === undefined || failure.code === code)
}

export type ErrorCatalogue<Code extends string> = {
  (code: Code, details?: ErrorDetails, options?: ErrorOptions): DomainError
  readonly catalogue: Readonly<Record<Code, string>>
}

/** One catalogue per domain: code → the sentence a user can act on. */
export function defineErrors<const Code extends string>(
  catalogue: Readonly<Record<Code, string>>,
): ErrorCatalogue<Code> {
  const create = (code: Code, details?: ErrorDetails, options?: ErrorOptions) =>
    new DomainError(code, catalogue[code], details, options)
  return Object.assign(create, { catalogue })
}

export const kernelError = defineErrors({
  KERNEL_CONFIGURATION_INVALID: 'The configuration is not valid.',
  KERNEL_CURRENCY_INVALID: 'A currency is three capital letters of ISO 4217, such as EUR.',
  KERNEL_CURRENCY_MISMATCH:
    'The amount is in another currency than the one expected; both are named.',
  IDEMPOTENCY_KEY_REUSED: 'The key was used before for something else; take a new one.',
})
