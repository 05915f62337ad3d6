import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '#kernel/log.ts'
import type { ClientOf } from '../access/client-of.ts'
import type { Metrics } from '../metrics.ts'
import type { ClientSlots } from './client-slots.ts'
import type { LiveSettings } from './live-settings.ts'
import { CLOSE } from './websocket-connection.ts'
import type { WebSocketProtocol } from './websocket-protocol.ts'

/** Takes WebSocket connections of an HTTP server to the protocol. */
export type WebSocketDoor = {
  attach: (server: Server) => void
  /** Refuses newcomers and asks everybody to come back elsewhere (1012). */
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
  log: Logger
}

/** Bounds what a connection may be before anything of it is read. */
export function createWebSocketDoor(deps: WebSocketDoorDeps): WebSocketDoor {
  const { settings, metrics } = deps
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: settings.messageBytes,
    // Compression costs 300 kB a connection and makes secrets guessable by length.
    perMessageDeflate: false,
    handleProtocols,
  })
  let isDraining = false

  const accept = (socket: WebSocket, request: IncomingMessage) => {
    metrics.connections.inc({ channel: 'websocket' })
    socket.once('close', () => metrics.connections.dec({ channel: 'websocket' }))
    socket.on('error', (failure) => deps.log.debug({ err: failure }, 'socket failed'))
    keepAlive(socket, settings.keepAliveMs)
    deps.protocol.open(socket, request)
  }
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node takes its own listener away here, and a failure that nobody hears would end the process.
    socket.on('error', (failure) => deps.log.debug({ err: failure }, 'socket failed'))
    if (pathOf(request) !== deps.endpoint) return refuse(socket, '404 Not Found')
    if (isDraining || server.clients.size >= settings.connections) {
      return refuse(socket, '503 Service Unavailable')
    }
    const leave = deps.clients.take(deps.clientOf(request)?.ip ?? null)
    if (!leave) return refuse(socket, '429 Too Many Requests')
    socket.once('close', leave)
    server.handleUpgrade(request, socket, head, accept)
  }
  return {
    attach: (httpServer) => {
      httpServer.on('upgrade', upgrade)
    },
    drain() {
      isDraining = true
      for (const client of server.clients) client.close(CLOSE.restart, 'Restarting')
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

/** A connection that does not answer a ping before the next one is gone. */
function keepAlive(socket: WebSocket, intervalMs: number): void {
  let isAlive = true
  socket.on('pong', () => {
    isAlive = true
  })
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    if (socket.readyState === socket.OPEN) socket.ping()
  }, intervalMs)
  socket.once('close', () => clearInterval(timer))
}
