import { isOutageCode } from '../db/errors.ts'
import { isDomainError } from '../errors.ts'
import { NOT_NOW } from '../service/errors.ts'

/** Refusals that say nothing of the message: also those of the token, whose time or secret is another than the receiver's. */
const isOfTheReceiver = (code: string) =>
  code === 'OUTBOX_TIMED_OUT' ||
  code === 'SERVICE_CALLER_REFUSED' ||
  code.startsWith('SERVICE_TOKEN_') ||
  NOT_NOW.has(code) ||
  isOutageCode(code)
/** What stands before a receiver answers with these when the receiver does not. */
const OF_A_PROXY: ReadonlySet<unknown> = new Set([502, 503, 504])

/** Whether a receiver took the message and refused it: then it is not down, whatever it thinks of the message. */
export function hasAnswered(failure: unknown): boolean {
  if (!isDomainError(failure) || isOfTheReceiver(failure.code)) return false
  if (failure.code !== 'SERVICE_UNREACHABLE') return true
  const { status } = failure.extensions
  return status !== undefined && !OF_A_PROXY.has(status)
}
