import { ERROR_CODES, type ErrorCode } from './generated/error-codes.ts'

/** What goes wrong on this side of the wire: none of these is a code of the platform. */
export const CLIENT_ERRORS = {
  ANSWER_INVALID: 'What came back is no answer of the platform.',
  CALL_ABORTED: 'The call was aborted by its caller.',
  CLIENT_CLOSED: 'The client is closed.',
  CODE_UNKNOWN: 'The platform refused with a code that this version does not know; see errors.',
  CONNECTION_REFUSED: 'The live connection was refused for good.',
  DOCUMENT_INVALID: 'This document cannot be sent so.',
  LISTENER_TOO_SLOW: 'More events came than may wait, and they carry no cursor to come back to.',
  NETWORK_UNREACHABLE: 'The platform could not be reached.',
  OPTIONS_INVALID: 'An option has a value that the client does not take.',
  SESSION_UNCERTAIN:
    'Whether the refresh token was used is not known, and too late to ask: sign in.',
  TIMED_OUT: 'The answer did not come in time.',
} as const

/** A code of the client's own. */
export type ClientErrorCode = keyof typeof CLIENT_ERRORS

/** Every code that a failure can have. */
export type DbsbmErrorCode = ErrorCode | ClientErrorCode

/** An error as the platform told it. */
export type PlatformError = {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** What is known of a failure beside its code. */
export type ErrorDetails = {
  readonly errors?: readonly PlatformError[]
  readonly requestId?: string | null
  /** Seconds after which to come again. */
  readonly retryAfter?: number | null
  /** Of the answer over HTTP, where there was one. */
  readonly status?: number | null
  /** What was answered beside the errors. */
  readonly data?: unknown
  readonly cause?: unknown
}

/** What every call of the client throws. */
export class DbsbmError<Code extends DbsbmErrorCode = DbsbmErrorCode> extends Error {
  override readonly name = 'DbsbmError'
  readonly code: Code
  /** All that the platform said, the one that gave the code first. */
  readonly errors: readonly PlatformError[]
  /** Where in the answer it happened, if somewhere. */
  readonly path: readonly (string | number)[] | null
  /** By which the platform's operator finds the request in the logs. */
  readonly requestId: string | null
  /** Seconds after which to come again, where the platform named them. */
  readonly retryAfter: number | null
  readonly status: number | null
  // Not printed with the rest: an answer may hold what no log should.
  readonly #data: unknown

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    this.errors = details.errors ?? []
    this.path = this.errors[0]?.path ?? null
    this.requestId = details.requestId ?? null
    this.retryAfter = details.retryAfter ?? null
    this.status = details.status ?? null
    this.#data = details.data ?? null
  }

  /** What was answered nevertheless, else null. Of a change: where its field is there, it was made. */
  get data(): unknown {
    return this.#data
  }
}

/** Whether a failure is the client's, with one of the codes where some are given. */
export function isDbsbmError<Code extends DbsbmErrorCode = DbsbmErrorCode>(
  failure: unknown,
  ...codes: readonly Code[]
): failure is DbsbmError<Code> {
  if (!(failure instanceof DbsbmError)) return false
  return codes.length === 0 || codes.some((code) => code === failure.code)
}

/** A failure of the client's own. */
export function clientError(
  code: ClientErrorCode,
  { reason, ...details }: ErrorDetails & { reason?: string } = {},
): DbsbmError {
  const sentence = CLIENT_ERRORS[code]
  return new DbsbmError(code, reason ? `${sentence} (${reason})` : sentence, details)
}

const STABLE: ReadonlySet<unknown> = new Set(ERROR_CODES)

/** Whether the platform refuses with this code. */
export const isErrorCode = (code: unknown): code is ErrorCode => STABLE.has(code)

/** The failure that the errors of an answer make. */
export function platformError(
  errors: readonly PlatformError[],
  details: Omit<ErrorDetails, 'errors'> = {},
): DbsbmError {
  const [first] = errors
  const code = first?.extensions?.code
  const all = { ...details, errors, retryAfter: details.retryAfter ?? retryAfterOf(first) }
  if (isErrorCode(code)) return new DbsbmError(code, first?.message ?? code, all)
  return new DbsbmError('CODE_UNKNOWN', first?.message ?? CLIENT_ERRORS.CODE_UNKNOWN, all)
}

function retryAfterOf(error: PlatformError | undefined): number | null {
  const seconds = error?.extensions?.retryAfter
  return typeof seconds === 'number' && seconds >= 0 ? seconds : null
}
