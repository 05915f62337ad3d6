import { createCalls } from './calls.ts'
import { clientError } from './errors.ts'
import { RefreshTokensDocument, SignInDocument, type SignInInput } from './generated/operations.ts'
import { failureOf, type Post } from './http.ts'
import { isSendable, type Tokens, tokensOf } from './tokens.ts'

/** Who signs in, and where the rights shall hold. */
export type SignIn = SignInInput

/** How long identity may take to answer one question. */
export const ANSWER_MILLISECONDS = 10_000

/** What a session asks of identity. @throws what refuses it, or what broke on the way */
export type SessionQuestions = {
  readonly signIn: (input: SignIn) => Promise<Tokens>
  readonly refresh: (refreshToken: string, milliseconds: number) => Promise<Tokens>
}

type Asked = { query: string; input: object; field: string; milliseconds: number }

/** The questions of a session, each asked once and in bounded time, whoever waits for it. */
export function createSessionQuestions(post: Post): SessionQuestions {
  const ask = async ({ query, input, field, milliseconds }: Asked): Promise<Tokens> => {
    const call = createCalls().begin({ timeoutMs: milliseconds })
    try {
      const answer = await post(
        { query, variables: { input } },
        { token: null, signal: call.signal },
      )
      const failure = failureOf(answer)
      if (failure) throw failure
      return tokensOf(authenticationIn(answer.data, field), Date.now())
    } finally {
      call.finish()
    }
  }
  return {
    signIn: (input) =>
      ask({ query: SignInDocument, input, field: 'signIn', milliseconds: ANSWER_MILLISECONDS }),
    refresh: (refreshToken, milliseconds) =>
      ask({
        query: RefreshTokensDocument,
        input: { refreshToken },
        field: 'refreshTokens',
        milliseconds,
      }),
  }
}

function authenticationIn(data: unknown, field: string) {
  const found: unknown = Object(data)[field]
  const { accessToken, accessTokenExpiresAt, refreshToken } = Object(found) as Record<
    string,
    unknown
  >
  if (
    !isSendable(accessToken) ||
    typeof accessTokenExpiresAt !== 'string' ||
    !isSendable(refreshToken)
  )
    throw clientError('ANSWER_INVALID')
  return { accessToken, accessTokenExpiresAt, refreshToken }
}
