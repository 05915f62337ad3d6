import { clientError, type DbsbmError, isDbsbmError } from './errors.ts'
import { isTransient } from './passing.ts'
import { pauseBefore } from './retries.ts'
import type { SessionQuestions } from './session-questions.ts'
import type { Tokens } from './tokens.ts'

/**
 * Identity answers a used refresh token once more for ten seconds after its first use; later the same
 * token ends the session. Two of them are left for the way.
 */
export const GRACE_MILLISECONDS = 8_000

const TRIES = 3
const ANSWER_MILLISECONDS = 4_000

/** Refuses as identity does for good: the session is over. */
const OVER = ['REFRESH_TOKEN_INVALID', 'REFRESH_TOKEN_REUSED', 'SESSION_ENDED'] as const

/** Whether the session itself is over. */
export const isEnded = (failure: unknown): boolean => isDbsbmError(failure, ...OVER)

/** Whether the session itself is over, or nobody knows whether it is. */
export const isOver = (failure: unknown): boolean =>
  isEnded(failure) || isDbsbmError(failure, 'SESSION_UNCERTAIN')

/** The one way in which a refresh token is used. */
export type Refreshing = { readonly next: (refreshToken: string) => Promise<Tokens> }

/** Waits between two tries, which tests shorten. */
export type Pause = (milliseconds: number) => Promise<void>

const pauseForReal: Pause = (milliseconds) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

type Deps = Pick<SessionQuestions, 'refresh'> & { now?: () => number; pause?: Pause }

/**
 * Uses refresh tokens so that none is used twice but within the grace of its first use: an answer
 * that was lost is asked for again at once, and never later.
 */
export function createRefreshing(deps: Deps): Refreshing {
  const { refresh, now = Date.now, pause = pauseForReal } = deps
  let used: { token: string; at: number } | null = null

  const timeLeft = (token: string) =>
    used?.token === token ? used.at + GRACE_MILLISECONDS - now() : GRACE_MILLISECONDS

  const tryOnce = async (token: string): Promise<Tokens> => {
    const left = timeLeft(token)
    if (left <= 0) throw clientError('SESSION_UNCERTAIN')
    if (isOffline()) throw clientError('NETWORK_UNREACHABLE', { reason: 'this machine is offline' })
    const at = now()
    try {
      return await refresh(token, Math.min(left, ANSWER_MILLISECONDS))
    } catch (failure) {
      if (mayHaveArrived(failure) && used?.token !== token) used = { token, at }
      throw failure
    }
  }

  return {
    async next(token) {
      for (let tries = 1; ; tries++) {
        try {
          return await tryOnce(token)
        } catch (failure) {
          if (tries >= TRIES || !isWorthATry(failure)) throw failure
          const milliseconds = pauseBefore(tries - 1, failure)
          if (milliseconds >= timeLeft(token)) throw failure
          await pause(milliseconds)
        }
      }
    },
  }
}

const isWorthATry = (failure: unknown): failure is DbsbmError =>
  isTransient(failure) || isDbsbmError(failure, 'TIMED_OUT', 'ANSWER_INVALID')

const isOffline = () => globalThis.navigator?.onLine === false

/** Codes of Node for a connection that never stood: nothing was sent on it. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/

/** Whether the token may have been used although no answer came. */
function mayHaveArrived(failure: unknown): boolean {
  if (!isDbsbmError(failure)) return true
  // Too busy: refused before anything was done.
  if (failure.status === 429 || failure.status === 503) return false
  const cause = Object(Object(failure.cause).cause) as { code?: unknown }
  return !(failure.code === 'NETWORK_UNREACHABLE' && NEVER_SENT.test(String(cause.code)))
}
