import { createStore } from '../store.ts'
import { clearLeaving, isLeaving, markLeaving } from './leaving.ts'
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
/** While the platform is away; within the time in which identity gives the same answer again. */
const RETRY_MS = 1_000
const LOCK = 'dbsbm:renewal'

/** The one session of this tab; other tabs of the browser share it. */
export const sessionState = createStore<SessionState>({ kind: 'opening' })

const channel = new BroadcastChannel('dbsbm:session')
let renewal: Promise<Session | null> | null = null
let timer: ReturnType<typeof setTimeout> | undefined
/** Raised whenever somebody leaves or comes: what was asked before concerns nobody any more. */
let era = 0

const current = (): Session | null => {
  const state = sessionState.get()
  return state.kind === 'signed-in' ? state.session : null
}

const say = (word: Word): void => channel.postMessage(word)

function take(session: Session): void {
  clearTimeout(timer)
  sessionState.set({ kind: 'signed-in', session })
  const waitMs = Math.max(1_000, session.expiresAt - Date.now() - RENEW_BEFORE_MS)
  timer = setTimeout(renewOrRetry, waitMs)
}

function leave(because: SignedOutBecause): void {
  era++
  clearTimeout(timer)
  sessionState.set({ kind: 'signed-out', because })
}

/** What is shown stays until its token has ended; a person is not thrown out by a cut. */
function renewOrRetry(): void {
  const asked = era
  renew().catch((failure: unknown) => {
    if (!(failure instanceof SessionRefused)) throw failure
    if (era !== asked) return
    clearTimeout(timer)
    timer = setTimeout(renewOrRetry, RETRY_MS)
  })
}

const OVER: readonly string[] = [
  'REFRESH_TOKEN_INVALID',
  'REFRESH_TOKEN_REUSED',
  'SESSION_ENDED',
  'ACCOUNT_SUSPENDED',
]

/** What the platform says of the session; null where it is over, with the reason. */
async function askToRenew(): Promise<{ session: Session } | { over: SignedOutBecause }> {
  try {
    const session = await renewSession()
    if (session) return { session }
    return { over: current() ? 'ended' : 'never' }
  } catch (failure) {
    if (!(failure instanceof SessionRefused) || !OVER.includes(failure.code)) throw failure
    return { over: failure.code === 'ACCOUNT_SUSPENDED' ? 'suspended' : 'ended' }
  }
}

async function renewNow(stale: Session | null): Promise<Session | null> {
  const asked = era
  // Whoever left is let go before anybody is let in.
  if (isLeaving()) await tellEnd()
  // Another tab may have renewed while this one waited for the lock.
  const known = current()
  if (known && known.accessToken !== stale?.accessToken) return known
  const told = await askToRenew()
  if (era !== asked) return current()
  if ('session' in told) {
    take(told.session)
    say({ kind: 'signed-in', session: told.session })
    return told.session
  }
  if (sessionState.get().kind !== 'signed-out') leave(told.over)
  if (told.over !== 'never') say({ kind: 'signed-out' })
  return null
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
    await renew()
  } catch (failure) {
    if (!(failure instanceof SessionRefused)) throw failure
    sessionState.set({ kind: 'unreachable' })
  }
}

/** @throws SessionRefused */
export async function signIn(credentials: Credentials): Promise<Session> {
  const session = await withLock(async () => {
    if (isLeaving()) await tellEnd()
    return startSession(credentials)
  })
  era++
  take(session)
  say({ kind: 'signed-in', session })
  return session
}

async function tellEnd(): Promise<void> {
  await endSession()
  clearLeaving()
}

/**
 * Ends the session, at once here and in all tabs. A platform that cannot be told now is told before
 * anything else when it is back: the cookie is out of this page's hands.
 */
export async function signOut(): Promise<void> {
  markLeaving()
  leave('signed-out')
  say({ kind: 'signed-out' })
  await withLock(tellEnd).catch((failure: unknown) => {
    // Whatever keeps the platform from hearing it, this browser remembers to say it.
    if (!(failure instanceof SessionRefused)) throw failure
  })
}

channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
  if (data.kind === 'signed-in') {
    // Whoever signed in there told the end of the session before.
    clearLeaving()
    if (current()?.userId !== data.session.userId) era++
    take(data.session)
  } else if (sessionState.get().kind === 'signed-in') leave('signed-out-elsewhere')
})
