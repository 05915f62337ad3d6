import type { CombinedError } from 'urql'
import { SessionRefused, UNREACHABLE } from '../session/session-calls.ts'

/** What went wrong, in words for whoever looks at the page. */
export type Problem = {
  /** Stable; stands in `docs/errors.md`. */
  code: string
  title: string
  /** What happened, as the platform says it. */
  text: string
  /** What to do now. */
  advice: string
  /** Whether trying the same again may help. */
  isRetryable: boolean
  /** For whoever helps: names this request in the platform's log. */
  requestId: string | null
  /** The rest of what the platform says of it. */
  details: Readonly<Record<string, unknown>>
}

/** The browser has no network: nothing was sent. */
export const OFFLINE = 'CONSOLE_OFFLINE'

/** Thrown before anything was sent. */
export class Unsent extends Error {
  override readonly name = 'Unsent'
}

type Wording = Pick<Problem, 'title' | 'advice'> & { isRetryable?: boolean }

const TRY_AGAIN = 'Try again in a moment.'

/** Codes that need other words than the platform's own. */
const WORDINGS: Readonly<Record<string, Wording>> = {
  [UNREACHABLE]: {
    title: 'The platform cannot be reached',
    advice: 'Check your network, then try again; what is live goes on by itself.',
    isRetryable: true,
  },
  [OFFLINE]: {
    title: 'You are offline',
    advice: 'Try again when the network is back.',
    isRetryable: true,
  },
  UNAUTHORIZED_FIELD_OR_TYPE: {
    title: 'You may not see this',
    advice: 'Ask whoever runs your tenant for the right, or sign in elsewhere.',
  },
  BUDGET_EXHAUSTED: {
    title: 'Too much was asked at once',
    advice: 'Your budget fills up by itself; wait a few seconds.',
    isRetryable: true,
  },
  INTERNAL_SERVER_ERROR: {
    title: 'Something broke on the platform',
    advice: 'Try again; if it stays, tell the operator the request id below.',
    isRetryable: true,
  },
  SUBGRAPH_UNREACHABLE: {
    title: 'A part of the platform is away',
    advice: 'It usually comes back within seconds. Try again.',
    isRetryable: true,
  },
  REQUEST_TIMEOUT: { title: 'This took too long', advice: TRY_AGAIN, isRetryable: true },
  SERVICE_DRAINING: { title: 'The platform restarts', advice: TRY_AGAIN, isRetryable: true },
  PLANNING_OVERLOADED: { title: 'The platform is very busy', advice: TRY_AGAIN, isRetryable: true },
  PERSISTED_QUERY_NOT_IN_LIST: {
    title: 'This page is older than the platform',
    advice: 'The platform was upgraded. Load the page again.',
  },
  MARKET_CLOSED: {
    title: 'Too late for this bet',
    advice: 'Take the game off the slip, or choose another.',
  },
  SIGN_IN_REFUSED: {
    title: 'That did not match',
    advice: 'Check the e-mail address and the password, capital letters too.',
  },
  SIGN_IN_TOO_MANY: {
    title: 'Too many tries from your network',
    advice: 'Wait a few minutes before the next try.',
  },
  ACCOUNT_LOCKED: {
    title: 'Too many tries for this account',
    advice: 'Wait a few minutes, or ask your administrator.',
  },
  ACCOUNT_SUSPENDED: {
    title: 'This account is suspended',
    advice: 'Ask whoever runs your tenant or the platform why.',
  },
}

const PLAIN: Wording = {
  title: 'That was refused',
  advice: 'Change what the message names, then try again.',
}

const wordingOf = (code: string): Wording => WORDINGS[code] ?? PLAIN

type Refusal = { message: string; extensions?: Readonly<Record<string, unknown>> }

function problemOf({ message, extensions = {} }: Refusal): Problem {
  const { code: found, requestId, ...details } = extensions
  const code = typeof found === 'string' ? found : 'INTERNAL_SERVER_ERROR'
  const { title, advice, isRetryable = false } = wordingOf(code)
  return {
    code,
    title,
    text: message,
    advice,
    isRetryable,
    requestId: typeof requestId === 'string' ? requestId : null,
    details,
  }
}

/** A problem of this console's own. */
export const problemWith = (code: string, message: string): Problem =>
  problemOf({ message, extensions: { code } })

/** The first thing that went wrong with an operation. */
export function problemIn({ networkError, graphQLErrors }: CombinedError): Problem {
  const [first] = graphQLErrors
  if (first) return problemOf(first)
  if (networkError instanceof Unsent) return problemWith(OFFLINE, 'Nothing was sent.')
  const isTimeout = networkError?.name === 'TimeoutError'
  return isTimeout
    ? problemWith('REQUEST_TIMEOUT', 'The platform did not answer in time.')
    : problemWith(UNREACHABLE, 'There was no answer.')
}

/** The same for a failure of the session. */
export function problemOfSession(failure: unknown): Problem {
  if (failure instanceof SessionRefused) return problemWith(failure.code, failure.message)
  throw failure
}

/** Whether a part of an answer was refused for want of rights. */
export const isForbidden = (error: CombinedError | undefined): boolean =>
  error?.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHORIZED_FIELD_OR_TYPE') ??
  false
