import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveError } from '#kernel/serve/errors.ts'
import type { WebSocketDoor } from './live/websocket-door.ts'
import type { Metrics } from './metrics.ts'
import type { GatewaySettings } from './settings.ts'

/** A gateway that listens. */
export type Listening = { port: number; host: string; url: string }

/** The HTTP server around the doors. */
export type Listener = {
  /** @throws PORT_TAKEN, ADDRESS_UNUSABLE */
  listen: (port: number, host: string) => Promise<Listening>
  close: () => Promise<void>
}

export type ListenerDeps = {
  yoga: RequestListener
  sockets: WebSocketDoor
  metrics: Metrics
  settings: GatewaySettings
}

const HEADERS_TIMEOUT_MS = 10_000
const LONGEST_HEADERS = 16_384

/** Nothing is bound before `listen`. */
export function createListener({ yoga, sockets, metrics, settings }: ListenerDeps): Listener {
  const streams = new Set<ServerResponse>()
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: settings.requestTimeoutMs,
      maxHeaderSize: LONGEST_HEADERS,
    },
    (request, response) => {
      followStream(response, streams, metrics)
      yoga(request, response)
    },
  )
  sockets.attach(server)
  return {
    listen: (port, host) => listen(server, port, host),
    async close() {
      if (!server.listening) return sockets.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      sockets.drain()
      // Cut rather than completed: a client that sees no `complete` comes back with its cursor.
      for (const response of streams) response.destroy()
      const timer = setTimeout(() => {
        sockets.close()
        server.closeAllConnections()
      }, settings.live.drainMs)
      server.closeIdleConnections()
      await closed
      clearTimeout(timer)
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_TAKEN' : 'ADDRESS_UNUSABLE'
      reject(serveError(code, { host, port }, { cause }))
    }
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      const { port: bound } = server.address() as AddressInfo
      const shown = host.includes(':') ? `[${host}]` : host
      resolve({ port: bound, host, url: `http://${shown}:${bound}` })
    })
  })
}

/** Remembers which answers are streams, to end them when the gateway stops. */
function followStream(response: ServerResponse, streams: Set<ServerResponse>, metrics: Metrics) {
  const writeHead = response.writeHead
  const begin = () => {
    const type = String(response.getHeader('content-type') ?? '')
    if (!type.startsWith('text/event-stream') || streams.has(response)) return
    streams.add(response)
    metrics.connections.inc({ channel: 'event-stream' })
    response.once('close', () => {
      streams.delete(response)
      metrics.connections.dec({ channel: 'event-stream' })
    })
  }
  response.writeHead = ((...args: Parameters<typeof writeHead>) => {
    const result = writeHead.apply(response, args)
    begin()
    return result
  }) as typeof writeHead
}
