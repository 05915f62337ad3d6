import { type Client, createClient, type SubscribePayload } from 'graphql-ws'
import type { TokenSource } from './tokens.ts'

/** A constructor of WebSockets, as browsers, Node from 22 on and the package `ws` have one. */
export type WebSocketImpl = new (url: string, protocols?: string | string[]) => unknown

/** What one subscription hears of the socket. */
export type Listener = {
  readonly next: (message: unknown) => void
  /** Errors of GraphQL, an event of closing, or what refused a token. */
  readonly error: (failure: unknown) => void
  readonly complete: () => void
}

/** The one socket of a client: opened for the first subscription, closed after the last. */
export type Socket = {
  readonly isConnected: () => boolean
  readonly onConnected: (listener: () => void) => () => void
  /** Has a token ready before a connection opens: its door does not wait for a sign-in. */
  readonly prepare: () => Promise<void>
  readonly subscribe: (payload: SubscribePayload, listener: Listener) => () => void
  /** The token with which the socket introduced itself last. */
  readonly tokenUsed: () => string | null
  readonly close: () => Promise<void>
}

/** Milliseconds: how long a connection may take, between two pings, and for the answer to one. */
const TIMES = { connecting: 15_000, acknowledging: 10_000, pinging: 10_000, answering: 5_000 }

/** Where live updates are, and on whose behalf. */
export type SocketOptions = {
  readonly url: string
  readonly webSocketImpl: WebSocketImpl | undefined
  readonly tokens: TokenSource
  /** Milliseconds that are other than usual. */
  readonly times?: Partial<typeof TIMES>
}

/** A socket that notices when nobody is at its other end; whether to come back others decide. */
export function createSocket({ url, webSocketImpl, tokens, times }: SocketOptions): Socket {
  const { connecting, acknowledging, pinging, answering } = { ...TIMES, ...times }
  let token: string | null = null
  let prepared: { token: string | null } | null = null
  let isConnected = false
  let client: Client | null = null
  const watch = createWatch(() => client?.terminate())
  const open = (): Client =>
    createClient({
      url,
      webSocketImpl: webSocketImpl && leavable(webSocketImpl),
      lazy: true,
      // Each subscription comes back by itself: it knows its cursor, and what its end meant.
      retryAttempts: 0,
      keepAlive: pinging,
      connectionAckWaitTimeout: acknowledging,
      connectionParams: async () => {
        token = (prepared ?? { token: await tokens.current() }).token
        prepared = null
        return token === null ? {} : { authorization: `Bearer ${token}` }
      },
      on: {
        connecting: () => watch.expectWithin(connecting),
        connected: () => {
          isConnected = true
          watch.stop()
        },
        ping: (isReceived) => !isReceived && watch.expectWithin(answering),
        message: () => isConnected && watch.stop(),
        closed: () => {
          isConnected = false
          watch.stop()
        },
      },
    })
  const opened = () => {
    client ??= open()
    return client
  }
  return {
    isConnected: () => isConnected,
    async prepare() {
      if (!isConnected) prepared = { token: await tokens.current() }
    },
    onConnected: (listener) => opened().on('connected', listener),
    subscribe: (payload, listener) => opened().subscribe(payload, listener),
    tokenUsed: () => token,
    async close() {
      // Whatever waits for a connection is not waited for: it may never stand, or be refused.
      if (isConnected) await client?.dispose()
      else client?.terminate()
    },
  }
}

/** Its sockets may be left while they connect: those of `ws` end the process by an error that nobody hears. */
function leavable(webSocketImpl: WebSocketImpl): WebSocketImpl {
  // Each implementation has this much of what the platform calls a WebSocket.
  const Base = webSocketImpl as new (...args: ConstructorParameters<WebSocketImpl>) => EventTarget
  return class extends Base {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('error', () => {})
    }
  }
}

/** One thing that has to happen in time. */
function createWatch(late: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => clearTimeout(timer)
  return {
    stop,
    expectWithin(milliseconds: number) {
      stop()
      timer = setTimeout(late, milliseconds)
    },
  }
}
