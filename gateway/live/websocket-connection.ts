import type { IncomingMessage } from 'node:http'
import type { Server } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Client } from '#kernel/auth/client.ts'
import type { Logger } from '#kernel/log.ts'
import type { ClientOf } from '../access/client-of.ts'
import type { Identity } from '../access/who/identity.ts'
import type { Asking } from '../plugins/asking.ts'
import type { LiveSettings } from './live-settings.ts'

/** What the gateway knows of one socket. */
export type Connection = {
  /** As the upgrade request showed it. */
  client: Client | null
  identity: Identity | null
  close: (code: number, reason: string) => void
  /** Running operations by their id on this connection. */
  running: Map<string, Asking>
  stopWatching: () => void
}

/** Close codes by what the client should do next: graphql-ws retries all but `broken`. */
export const CLOSE = { restart: 1012, tryLater: 1013, forbidden: 4403, broken: 4500 } as const

/** Longest wait for a closing that a slow reader may never read. */
const CLOSING_MS = 1000

type Served = {
  server: Server<Connection>
  settings: Pick<LiveSettings, 'bufferedBytes'>
  clientOf: ClientOf
  log: Logger
}

/** Joins one socket to the protocol; whatever fails in it concerns this socket alone. */
export function serveSocket(served: Served, socket: WebSocket, request: IncomingMessage): void {
  const connection: Connection = {
    client: served.clientOf(request),
    identity: null,
    close: (code, reason) => socket.close(code, reason),
    running: new Map(),
    stopWatching: () => undefined,
  }
  const fail = (failure: unknown) => {
    served.log.error({ err: failure }, 'a live connection failed')
    socket.close(CLOSE.broken, 'Internal server error')
  }
  const closed = served.server.opened(
    {
      protocol: socket.protocol,
      send: (text) => send(socket, text, served.settings),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) => {
        socket.on('message', (message) => void handle(String(message)).catch(fail))
      },
    },
    connection,
  )
  socket.once('close', (code, reason) => {
    release(connection)
    closed(code, String(reason)).catch(fail)
  })
}

function release({ running, stopWatching }: Connection): void {
  stopWatching()
  for (const asking of running.values()) asking.abort(new Error('The socket closed.'))
  running.clear()
}

/** Each message waits until the one before is handed to the system; a reader that stops is let go. */
function send(
  socket: WebSocket,
  text: string,
  { bufferedBytes }: Pick<LiveSettings, 'bufferedBytes'>,
): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve()
  if (socket.bufferedAmount > bufferedBytes) {
    socket.close(CLOSE.tryLater, 'Too slow')
    setTimeout(() => socket.terminate(), CLOSING_MS).unref()
    return Promise.resolve()
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  // A message that cannot be sent any more ends with its socket, whose closing is told by itself.
  socket.send(text, () => resolve())
  return promise
}
