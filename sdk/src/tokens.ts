import { clientError } from './errors.ts'

/** What stands for whoever asks. */
export type TokenSource = {
  /** The token of the moment, or null for nobody. @throws what refuses a sign-in or refresh */
  readonly current: () => Promise<string | null>
  /** One in place of a token that was refused; null where there is no other. @throws as above */
  readonly renew: (refused: string) => Promise<string | null>
}

// What goes into a header: anything else would be told, secret and all, in the error of `fetch`.
const SENDABLE = /^[\x21-\x7e]+$/

/** Whether a token can be sent, whatever it is worth. */
export const isSendable = (token: unknown): token is string =>
  typeof token === 'string' && SENDABLE.test(token)

/** A token that is what it is: an API key, or none. */
export function fixedToken(token: string | null): TokenSource {
  return { current: async () => token, renew: async () => null }
}

/** Gives a token, or null for nobody. */
export type AskedFor = () => string | null | Promise<string | null>

/** Tokens that somebody else looks after: asked for whenever one is needed. @throws OPTIONS_INVALID */
export function askedToken(ask: AskedFor): TokenSource {
  const current = async () => {
    const token: unknown = await ask()
    if (token === null || isSendable(token)) return token
    throw clientError('OPTIONS_INVALID', { reason: 'accessToken gave no token' })
  }
  return {
    current,
    async renew(refused) {
      const other = await current()
      return other === refused ? null : other
    },
  }
}

/** Tokens of a session as the platform gives them. */
export type Tokens = {
  readonly access: string
  readonly refresh: string
  /** By this machine's clock. */
  readonly expiresAt: number
}

/** What `signIn` and `refreshTokens` answer, of what is read here. */
export type Authentication = {
  readonly accessToken: string
  readonly accessTokenExpiresAt: string
  readonly refreshToken: string
}

/** Tokens with the end of the access token by this machine's clock, however wrong that goes. */
export function tokensOf(answered: Authentication, receivedAt: number): Tokens {
  const { accessToken: access, refreshToken: refresh, accessTokenExpiresAt } = answered
  const lifetime = lifetimeIn(access)
  const expiresAt = lifetime === null ? Date.parse(accessTokenExpiresAt) : receivedAt + lifetime
  return { access, refresh, expiresAt }
}

/** Milliseconds from issue to end as the token itself says them, if it does. */
function lifetimeIn(token: string): number | null {
  const [, payload = ''] = token.split('.')
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    const { iat, exp } = Object(claims) as { iat?: unknown; exp?: unknown }
    return typeof iat === 'number' && typeof exp === 'number' ? (exp - iat) * 1000 : null
  } catch {
    // Not a token that can be read from outside: then its end is taken as it was told.
    return null
  }
}
