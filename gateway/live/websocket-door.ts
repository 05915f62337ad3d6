import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Client } from '#kernel/auth/client.ts'
import { networkOf } from '#kernel/auth/networks.ts'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import type { ClientOf } from '../access/client-of.ts'
import type { Metrics } from '../metrics.ts'
import { askToLeave } from './ask-to-leave.ts'
import type { ClientSlots } from './client-slots.ts'
import { CLOSE } from './close-codes.ts'
import type { LiveSettings } from './live-settings.ts'
import { createNewcomers } from './newcomers.ts'
import { SUBPROTOCOL, type WebSocketProtocol } from './websocket-protocol.ts'

/** Takes WebSocket connections of an HTTP server to the protocol. */
export type WebSocketDoor = {
  attach: (server: Server) => void
  /** Refuses newcomers and asks everybody, one after another, to come back elsewhere (1012). */
  drain: () => void
  /** Cuts what is left. */
  close: () => void
}

export type WebSocketDoorDeps = {
  endpoint: string
  protocol: WebSocketProtocol
  settings: LiveSettings
  clientOf: ClientOf
  clients: ClientSlots
  metrics: Metrics
  /** Tells in which order connections are asked to leave. */
  randomness: Randomness
  log: Logger
}

type Accepted = { raw: Duplex; client: Client | null }

/** Bounds what a connection may be before anything of it is read. */
export function createWebSocketDoor(deps: WebSocketDoorDeps): WebSocketDoor {
  const { settings, metrics } = deps
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: settings.messageBytes,
    // Compression costs 300 kB a connection and makes secrets guessable by length.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const newcomers = createNewcomers(settings.connectionsPerClient)
  let isDraining = false

  const accept = (socket: WebSocket, { raw, client }: Accepted) => {
    metrics.connections.inc({ channel: 'websocket' })
    socket.once('close', () => metrics.connections.dec({ channel: 'websocket' }))
    socket.on('error', (failure) => deps.log.debug({ err: failure }, 'socket failed'))
    deps.protocol.open(socket, raw, client)
  }
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node takes its own listener away here, and a failure that nobody hears would end the process.
    socket.on('error', (failure) => deps.log.debug({ err: failure }, 'socket failed'))
    if (pathOf(request) !== deps.endpoint) return refuse(socket, '404 Not Found')
    if (isDraining || server.clients.size >= settings.connections) {
      return refuse(socket, '503 Service Unavailable')
    }
    const client = deps.clientOf(request)
    const network = client?.ip ? networkOf(client.ip) : null
    const leave = newcomers.take(network) ? deps.clients.take(network) : null
    if (!leave) return refuse(socket, '429 Too Many Requests')
    socket.once('close', leave)
    server.handleUpgrade(request, socket, head, (accepted) =>
      accept(accepted, { raw: socket, client }),
    )
  }
  return {
    attach: (httpServer) => {
      httpServer.on('upgrade', upgrade)
    },
    drain() {
      isDraining = true
      const { randomness } = deps
      const leaves = [...server.clients].map(
        (client) => () => client.close(CLOSE.restart, 'Restarting'),
      )
      askToLeave(leaves, { randomness, drainMs: settings.drainMs })
    },
    close() {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}

/** Without its question; a text that is no path, such as `//`, is no endpoint either. */
function pathOf({ url = '/' }: IncomingMessage): string | undefined {
  return url.split('?', 1)[0]
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
