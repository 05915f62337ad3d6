import { createStore } from '../store.ts'
import {
  type Credentials,
  endSession,
  renewSession,
  type Session,
  SessionRefused,
  startSession,
} from './session-calls.ts'

/** Why nobody is signed in (any more). */
export type SignedOutBecause =
  | 'never'
  | 'signed-out'
  | 'signed-out-elsewhere'
  | 'ended'
  | 'suspended'

export type SessionState =
  | { kind: 'opening' }
  | { kind: 'unreachable' }
  | { kind: 'signed-out'; because: SignedOutBecause }
  | { kind: 'signed-in'; session: Session }

type Word = { kind: 'signed-in'; session: Session } | { kind: 'signed-out' }

/** Before its end, so that nothing is asked with a token that dies on the way. */
const RENEW_BEFORE_MS = 30_000
/** While the platform is away: between two tries to renew. */
const RETRY_MS = 3_000
const LOCK = 'dbsbm:renewal'
/** Somebody signed out here while the platform could not be told. */
const LEAVING = 'dbsbm:leaving'

/** The one session of this tab; other tabs of the browser share it. */
export const sessionState = createStore<SessionState>({ kind: 'opening' })

const channel = new BroadcastChannel('dbsbm:session')
let renewal: Promise<Session | null> | null = null
let timer: ReturnType<typeof setTimeout> | undefined

const current = (): Session | null => {
  const state = sessionState.get()
  return state.kind === 'signed-in' ? state.session : null
}

function say(word: Word): void {
  channel.postMessage(word)
}

function take(session: Session): void {
  clearTimeout(timer)
  sessionState.set({ kind: 'signed-in', session })
  const waitMs = Math.max(1_000, session.expiresAt - Date.now() - RENEW_BEFORE_MS)
  timer = setTimeout(() => void renew().catch(retryLater), waitMs)
}

function leave(because: SignedOutBecause): void {
  clearTimeout(timer)
  sessionState.set({ kind: 'signed-out', because })
}

/** What is still shown stays until its token has ended; a person is not thrown out by a cut. */
function retryLater(failure: unknown): void {
  if (!(failure instanceof SessionRefused)) throw failure
  clearTimeout(timer)
  timer = setTimeout(() => void renew().catch(retryLater), RETRY_MS)
}

const becauseOf = (code: string): SignedOutBecause =>
  code === 'ACCOUNT_SUSPENDED' ? 'suspended' : 'ended'

const OVER: readonly string[] = [
  'REFRESH_TOKEN_INVALID',
  'REFRESH_TOKEN_REUSED',
  'SESSION_ENDED',
  'ACCOUNT_SUSPENDED',
]

async function renewNow(stale: Session | null): Promise<Session | null> {
  // Another tab may have renewed while this one waited for the lock.
  const known = current()
  if (known && known.accessToken !== stale?.accessToken) return known
  try {
    const session = await renewSession()
    if (session) {
      take(session)
      say({ kind: 'signed-in', session })
    } else if (sessionState.get().kind !== 'signed-out') leave(stale ? 'ended' : 'never')
    return session
  } catch (failure) {
    if (!(failure instanceof SessionRefused) || !OVER.includes(failure.code)) throw failure
    leave(becauseOf(failure.code))
    say({ kind: 'signed-out' })
    return null
  }
}

/**
 * The next access token, asked for once however many want it, in all tabs together; null where the
 * session is over.
 * @throws SessionRefused while the platform cannot say
 */
export function renew(): Promise<Session | null> {
  const stale = current()
  renewal ??= withLock(() => renewNow(stale)).finally(() => {
    renewal = null
  })
  return renewal
}

/** Pages without a secure origin have no locks: their tabs rely on the grace that identity gives. */
async function withLock<Result>(work: () => Promise<Result>): Promise<Result> {
  return 'locks' in navigator ? await navigator.locks.request(LOCK, work) : work()
}

/** A token that holds, renewed where it must be; null where nobody is signed in. @throws SessionRefused */
export async function freshToken(): Promise<string | null> {
  const session = current()
  if (session && session.expiresAt - Date.now() > 5_000) return session.accessToken
  if (!session && sessionState.get().kind === 'signed-out') return null
  return (await renew())?.accessToken ?? null
}

/** The token was refused although it looked good: the next question brings another. */
export function distrust(accessToken: string): void {
  const session = current()
  if (session?.accessToken !== accessToken) return
  sessionState.set({ kind: 'signed-in', session: { ...session, expiresAt: 0 } })
}

/** Looks whether the browser holds a session, at the start and after the platform was away. */
export async function openSession(): Promise<void> {
  sessionState.set({ kind: 'opening' })
  try {
    if (localStorage.getItem(LEAVING)) await tellEnd()
    await renew()
  } catch (failure) {
    if (!(failure instanceof SessionRefused)) throw failure
    sessionState.set({ kind: 'unreachable' })
  }
}

/** @throws SessionRefused */
export async function signIn(credentials: Credentials): Promise<Session> {
  const session = await startSession(credentials)
  take(session)
  say({ kind: 'signed-in', session })
  return session
}

/** The cookie is out of this page's hands: what could not be told now is told before anything else. */
async function tellEnd(): Promise<void> {
  localStorage.setItem(LEAVING, 'yes')
  await endSession()
  localStorage.removeItem(LEAVING)
}

/** Ends the session, at once here and in all tabs; a platform that is away hears of it when it is back. */
export async function signOut(): Promise<void> {
  leave('signed-out')
  say({ kind: 'signed-out' })
  await tellEnd().catch((failure: unknown) => {
    // Whatever keeps the platform from hearing it, this browser remembers to say it.
    if (!(failure instanceof SessionRefused)) throw failure
  })
}

channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
  if (data.kind === 'signed-in') take(data.session)
  else if (sessionState.get().kind === 'signed-in') leave('signed-out-elsewhere')
})
