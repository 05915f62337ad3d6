import { isDomainError } from '../errors.ts'

/** Refusals that say nothing of the message: the receiver is not there, or not now. */
const OF_THE_RECEIVER: ReadonlySet<string> = new Set([
  'OUTBOX_TIMED_OUT',
  'SERVICE_TIMEOUT',
  'SERVICE_DRAINING',
  'SERVICE_TOKEN_WINDOW_FULL',
])
/** What stands before a receiver answers with these when the receiver does not. */
const OF_A_PROXY: ReadonlySet<unknown> = new Set([502, 503, 504])

/** Whether a receiver took the message and refused it: then it is not down, whatever it thinks of the message. */
export function hasAnswered(failure: unknown): boolean {
  if (!isDomainError(failure) || OF_THE_RECEIVER.has(failure.code)) return false
  if (failure.code !== 'SERVICE_UNREACHABLE') return true
  const { status } = failure.extensions
  return status !== undefined && !OF_A_PROXY.has(status)
}
