import { clientError } from './errors.ts'
import type { Post } from './http.ts'
import { createRefreshing } from './refreshing.ts'
import { createSession } from './session.ts'
import { createSessionQuestions, type SignIn } from './session-questions.ts'
import { type AskedFor, askedToken, fixedToken, isSendable, type TokenSource } from './tokens.ts'

/** Who asks: a program by its key, a person by e-mail and password, a session that stands, or its keeper. */
export type Credentials =
  | { readonly apiKey: string }
  | SignIn
  | {
      readonly refreshToken: string
      /** Keep what it is given before it resolves: the token before is used up. */
      readonly onRefreshToken: (refreshToken: string) => void | Promise<void>
    }
  | {
      /** Called for every question: gives the token of the moment, and after a refusal another. */
      readonly accessToken: AskedFor
    }

const invalid = (reason: string) => clientError('OPTIONS_INVALID', { reason })

/** Where the tokens of somebody come from. @throws OPTIONS_INVALID, which tells none of them */
export function tokensFor(credentials: Credentials | undefined, post: Post): TokenSource {
  if (!credentials) return fixedToken(null)
  if ('apiKey' in credentials) {
    const { apiKey } = credentials
    if (isSendable(apiKey)) return fixedToken(apiKey)
    throw invalid('apiKey is no key')
  }
  if ('accessToken' in credentials) return askedToken(credentials.accessToken)
  const { signIn, refresh } = createSessionQuestions(post)
  const refreshing = createRefreshing({ refresh })
  if ('refreshToken' in credentials) {
    const { refreshToken, onRefreshToken } = credentials
    if (!isSendable(refreshToken)) throw invalid('refreshToken is no token')
    return createSession({ signIn: null, refreshToken, onRefreshToken, refreshing })
  }
  // The platform would say what it was given in place of a text.
  if (!isText(credentials.email) || !isText(credentials.password))
    throw invalid('email and password have to be texts')
  return createSession({
    signIn: () => signIn(credentials),
    refreshToken: null,
    onRefreshToken: null,
    refreshing,
  })
}

const isText = (value: unknown) => typeof value === 'string'
