import {
  clientError,
  type DbsbmError,
  isDbsbmError,
  isErrorCode,
  type PlatformError,
  platformError,
} from './errors.ts'
import { isPassing, isTransient } from './passing.ts'

/** How one try of a subscription ended, if not by its reader. */
export type Ending =
  /** What was told in place of a beginning, or with `hasRun` as its last word. */
  | { readonly by: 'errors'; readonly errors: readonly PlatformError[]; readonly hasRun: boolean }
  /** An event of the socket, or what refused a token. */
  | { readonly by: 'failure'; readonly failure: unknown }

/** What follows from an ending. */
export type Verdict = {
  readonly failure: DbsbmError
  /**
   * `end` tells the reader; `resume` comes back after the last cursor, `renew` with another token,
   * `anew` once: a second time in a row it is the reader's business.
   */
  readonly next: 'end' | 'resume' | 'renew' | 'anew'
}

/** Passes where it ends what has run; in place of a beginning it is meant. */
const PASSING_AT_LAST = ['PLANNING_TIMEOUT', 'SUBSCRIBER_TOO_SLOW']

const STALE = ['TOKEN_EXPIRED', 'TOKEN_REVOKED']

function nextAfter(code: string, hasRun: boolean): Verdict['next'] {
  if (isPassing(code) || (hasRun && PASSING_AT_LAST.includes(code))) return 'resume'
  if (STALE.includes(code)) return 'renew'
  return code === 'SUBSCRIPTION_NO_LONGER_VALID' ? 'anew' : 'end'
}

/** Closings that say what the client did wrong: the same again would be closed again. */
const FOR_GOOD: ReadonlySet<number> = new Set([
  ...[1002, 1003, 1007, 1008, 1009, 1010],
  ...[4004, 4005, 4400, 4401, 4406, 4409, 4429, 4500],
])

const FORBIDDEN = 4403

/** What to do about an ending. */
export function judge(ending: Ending): Verdict {
  if (ending.by === 'failure') return judgeFailure(ending.failure)
  const failure = platformError(ending.errors)
  return { failure, next: nextAfter(failure.code, ending.hasRun) }
}

function judgeFailure(failure: unknown): Verdict {
  if (Array.isArray(failure)) return judge({ by: 'errors', errors: failure, hasRun: false })
  if (isDbsbmError(failure)) {
    const isPassing = isTransient(failure) || failure.code === 'TIMED_OUT'
    return { failure, next: isPassing ? 'resume' : 'end' }
  }
  if (isClosing(failure)) return judgeClosing(failure)
  return { failure: clientError('NETWORK_UNREACHABLE', { cause: failure }), next: 'resume' }
}

type Closing = { readonly code: number; readonly reason: string }

const isClosing = (failure: unknown): failure is Closing =>
  typeof failure === 'object' &&
  failure !== null &&
  typeof (failure as Closing).code === 'number' &&
  typeof (failure as Closing).reason === 'string'

function judgeClosing(closing: Closing): Verdict {
  const { code, reason } = closing
  if (code === FORBIDDEN) return { failure: closedWith(closing), next: 'renew' }
  if (FOR_GOOD.has(code)) return { failure: closedWith(closing), next: 'end' }
  const failure = clientError('NETWORK_UNREACHABLE', { reason: `closed with ${code} ${reason}` })
  return { failure, next: 'resume' }
}

/** The reason of a closing is a code where the platform closed. */
function closedWith({ code, reason }: Closing): DbsbmError {
  if (isErrorCode(reason)) {
    const message = `The live connection was closed with ${code} ${reason}.`
    return platformError([{ message, extensions: { code: reason } }])
  }
  return clientError('CONNECTION_REFUSED', { reason: `closed with ${code} ${reason}` })
}
