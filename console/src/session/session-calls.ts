/** Who is signed in, with which rights, and until when without renewal. */
export type Session = {
  accessToken: string
  /** Milliseconds since 1970, by this browser's clock. */
  expiresAt: number
  sessionId: string
  userId: string
  reach: 'NONE' | 'PLATFORM' | 'TENANT' | 'GUILD'
  tenantId: string | null
  guildId: string | null
  scopes: readonly string[]
}

/** As `signIn` takes it. */
export type Credentials = {
  email: string
  password: string
  tenantId?: string
  guildId?: string
}

/** A refusal of the session door, by its code, or that it was not reached. */
export class SessionRefused extends Error {
  override readonly name = 'SessionRefused'
  readonly code: string
  /** Seconds, where the platform says when to try again. */
  readonly retryAfter: number | null

  constructor(code: string, message: string, retryAfter: number | null = null) {
    super(message)
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** The platform did not answer at all. */
export const UNREACHABLE = 'CONSOLE_UNREACHABLE'

const PATH = '/console/session'
const PATIENCE_MS = 15_000
/** A renewal that was lost is asked again while identity still gives the same answer to the same token. */
const RENEWAL_PATIENCE_MS = 4_000

type Shown = Omit<Session, 'expiresAt'> & { accessTokenExpiresAt: string }
type Refusal = { message: string; extensions?: { code?: string; retryAfter?: number } }
type Told = { data?: { session?: Shown | null }; errors?: Refusal[] }

/** The whole answer, or that there was none: a body that is cut off is no answer. */
async function ask(path: string, init: RequestInit): Promise<{ told: Told; response: Response }> {
  try {
    const response = await fetch(path, {
      credentials: 'same-origin',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...init,
    })
    return { told: (await response.json()) as Told, response }
  } catch (cause) {
    const refusal = new SessionRefused(UNREACHABLE, 'The platform cannot be reached.')
    throw Object.assign(refusal, { cause })
  }
}

async function call(path: string, init: RequestInit): Promise<{ told: Told; serverNow: number }> {
  const { told, response } = await ask(path, init)
  const refusal = told.errors?.[0]
  if (refusal) {
    const { code = 'INTERNAL_SERVER_ERROR', retryAfter } = refusal.extensions ?? {}
    const seconds = retryAfter ?? (Number(response.headers.get('retry-after')) || null)
    throw new SessionRefused(code, refusal.message, seconds)
  }
  if (!response.ok) throw notAnswered()
  return { told, serverNow: Date.parse(response.headers.get('date') ?? '') || Date.now() }
}

/** By how long the token still holds: the browser's clock may be wrong. */
function toSession({ accessTokenExpiresAt, ...shown }: Shown, serverNow: number): Session {
  const holdsMs = Date.parse(accessTokenExpiresAt) - serverNow
  return { ...shown, expiresAt: Date.now() + holdsMs }
}

const notAnswered = () => new SessionRefused(UNREACHABLE, 'The platform cannot answer right now.')

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** @throws SessionRefused */
export async function startSession(credentials: Credentials): Promise<Session> {
  const { told, serverNow } = await call(PATH, post(credentials))
  if (!told.data?.session) throw notAnswered()
  return toSession(told.data.session, serverNow)
}

/**
 * The next access token; null where the platform says that nobody is signed in. Sent to its end even by a
 * page that closes: a token that was used and never came is one that looks stolen later.
 * @throws SessionRefused
 */
export async function renewSession(): Promise<Session | null> {
  const { told, serverNow } = await call(`${PATH}/renewal`, {
    ...post({}),
    keepalive: true,
    signal: AbortSignal.timeout(RENEWAL_PATIENCE_MS),
  })
  const session = told.data?.session
  if (session === undefined) throw notAnswered()
  return session && toSession(session, serverNow)
}

/** @throws SessionRefused */
export async function endSession(): Promise<void> {
  await call(PATH, { method: 'DELETE' })
}
