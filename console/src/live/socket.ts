import { type Client, createClient } from 'graphql-ws'
import { socketUrl } from '../gateway-facts.ts'
import { rightsKey } from '../session/rights.ts'
import { distrust, freshToken, sessionState } from '../session/session.ts'
import { liveFigures, liveStatus } from './live-state.ts'

const PING_MS = 2_000
/** Without a word for this long the connection is dead, whatever the network says. */
const DEAD_AFTER_MS = 6_000
/** To connect takes a renewal at most, and the way there. */
const STUCK_AFTER_MS = 20_000
const LONGEST_WAIT_MS = 4_000
const FIRST_WAIT_MS = 250
/** The platform refuses the token that was brought, or takes its rights away. */
const TOKEN_REFUSED = 4403

/** There is no token to bring: no stream can go on. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut'
}

/** Waits before the next try, but not past the moment in which the network comes back. */
function pause(retries: number): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(retries, 8))
  const waitMs = longest * (0.5 + Math.random() / 2)
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs)
    const back = () => {
      clearTimeout(timer)
      resolve()
    }
    addEventListener('online', back, { once: true, signal: AbortSignal.timeout(waitMs + 1_000) })
  })
}

let connectingSince = 0

function createSocket(): Client {
  let brought = ''
  const heard = () => {
    liveFigures.heardAt = Date.now()
  }
  return createClient({
    url: socketUrl(),
    lazy: true,
    // Between two pages the connection stays.
    lazyCloseTimeout: 5_000,
    keepAlive: PING_MS,
    connectionAckWaitTimeout: DEAD_AFTER_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: pause,
    // What breaks on the way is an event; an error is one's own: nobody is signed in any more.
    shouldRetry: (failure) => !(failure instanceof SignedOut),
    connectionParams: async () => {
      const token = await freshToken()
      if (token === null) throw new SignedOut('Nobody is signed in.')
      brought = token
      return { authorization: `Bearer ${token}` }
    },
    on: {
      connecting() {
        connectingSince = Date.now()
        // Until now nothing was to be heard: that is no silence.
        if (liveStatus.get() === 'idle') heard()
        liveStatus.set('connecting')
      },
      connected() {
        heard()
        liveStatus.set('live')
      },
      message: heard,
      pong: heard,
      closed(event) {
        if (event instanceof CloseEvent && event.code === TOKEN_REFUSED) distrust(brought)
        const wasClean = event instanceof CloseEvent && event.code === 1000
        liveStatus.set(wasClean ? 'idle' : 'waiting')
      },
    },
  })
}

/** The one connection of this tab; opened by the first stream. */
export const socket = createSocket()

setInterval(() => {
  const now = Date.now()
  const status = liveStatus.get()
  const isDead = status === 'live' && now - liveFigures.heardAt > DEAD_AFTER_MS
  const isStuck = status === 'connecting' && now - connectingSince > STUCK_AFTER_MS
  if (isDead || isStuck) socket.terminate()
}, 1_000)
addEventListener('offline', () => socket.terminate())

// A connection stands on the rights with which it was made: other rights make another.
let standsOn: string | null = null
sessionState.listen(() => {
  const state = sessionState.get()
  const rights = state.kind === 'signed-in' ? rightsKey(state.session) : null
  if (standsOn !== null && rights !== standsOn) socket.terminate()
  standsOn = rights
})
