import type { DbsbmError } from './errors.ts'
import { isDbsbmError } from './errors.ts'
import { isTransient } from './passing.ts'
import { isEnded, isOver, type Refreshing } from './refreshing.ts'
import type { TokenSource, Tokens } from './tokens.ts'

/** How a session begins, and begins again. */
export type SessionStart = {
  /** Signs in; null where nothing but a refresh token was given. */
  readonly signIn: (() => Promise<Tokens>) | null
  readonly refreshToken: string | null
  /** Told of each refresh token that takes the place of the one before; waited for. */
  readonly onRefreshToken: ((refreshToken: string) => void | Promise<void>) | null
}

type Deps = SessionStart & { refreshing: Refreshing; now?: () => number }

/** An access token is renewed so long before its end. */
const MARGIN_MILLISECONDS = 30_000
/** A refused sign-in is not tried again for so long: locks count tries. */
const REFUSED_MILLISECONDS = 30_000

/** A session whose tokens are renewed by whoever comes first, once for all who wait. */
export function createSession(deps: Deps): TokenSource {
  const { refreshing, signIn, onRefreshToken, now = Date.now } = deps
  let tokens: Tokens | null = null
  let refreshToken = deps.refreshToken
  let flight: Promise<Tokens> | null = null
  let refused: { failure: DbsbmError; until: number } | null = null

  const begin = async (): Promise<Tokens> => {
    if (refused && now() < refused.until) throw refused.failure
    if (!refreshToken && signIn) return signIn()
    try {
      return await refreshing.next(refreshToken ?? '')
    } catch (failure) {
      if (isEnded(failure)) tokens = null
      if (!isOver(failure) || !signIn) throw failure
      refreshToken = null
      return signIn()
    }
  }

  const remember = (failure: unknown) => {
    if (isTransient(failure) || !isDbsbmError(failure) || isLocal(failure)) return
    const seconds = failure.retryAfter ?? 0
    const pause = signIn ? seconds * 1000 || REFUSED_MILLISECONDS : 0
    refused = { failure, until: now() + (isOver(failure) ? Number.POSITIVE_INFINITY : pause) }
  }

  const renewTokens = async (): Promise<Tokens> => {
    try {
      tokens = await begin()
    } catch (failure) {
      remember(failure)
      throw failure
    }
    refreshToken = tokens.refresh
    await onRefreshToken?.(tokens.refresh)
    return tokens
  }

  const join = () => {
    flight ??= renewTokens().finally(() => {
      flight = null
    })
    return flight
  }

  return {
    async current() {
      const held = tokens
      if (held && now() < held.expiresAt - MARGIN_MILLISECONDS) return held.access
      try {
        return (await join()).access
      } catch (failure) {
        // Renewed early: unless the session is over, what is held still holds for a moment.
        if (held && held === tokens && now() < held.expiresAt) return held.access
        throw failure
      }
    },
    async renew(token) {
      if (tokens && tokens.access !== token) return tokens.access
      return (await join()).access
    },
  }
}

const isLocal = (failure: DbsbmError) => isDbsbmError(failure, 'TIMED_OUT', 'ANSWER_INVALID')
