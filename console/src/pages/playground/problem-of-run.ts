import { type Problem, problemOfSession, problemWith } from '../../api/problem.ts'
import { SessionRefused, UNREACHABLE } from '../../session/session-calls.ts'

/** Why there is no answer. @throws what is a bug */
export function problemOfFailure(failure: unknown): Problem {
  if (failure instanceof SessionRefused) return problemOfSession(failure)
  if (failure instanceof DOMException && failure.name === 'TimeoutError') {
    return problemWith('REQUEST_TIMEOUT', 'There was no answer in time.')
  }
  if (failure instanceof TypeError) return problemWith(UNREACHABLE, 'There was no answer.')
  throw failure
}

/** The same for a change, which may have happened although nobody heard of it. */
export function problemOfChange(failure: unknown): Problem {
  const problem = problemOfFailure(failure)
  // Without a token nothing was sent.
  if (failure instanceof SessionRefused) return problem
  const advice = 'The change may have happened all the same: look before you repeat it.'
  return { ...problem, advice, isRetryable: false }
}

/** Why a stream was given up although it had not ended; null for what is a bug. */
export function problemOfStream(failure: unknown): Problem | null {
  if (failure instanceof RangeError) {
    return {
      ...problemWith('EVENT_TOO_LONG', 'An event is longer than 4 MB, and is not read here.'),
      title: 'The stream was given up',
      advice: 'Ask for fewer fields, or follow it with the SDK.',
    }
  }
  if (failure instanceof SyntaxError) {
    return {
      ...problemWith('EVENT_UNREADABLE', 'An event came that is no JSON.'),
      title: 'The stream was given up',
      advice: 'Follow it again; if it stays, look what stands between this page and the platform.',
    }
  }
  return null
}
