import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveError } from '#kernel/serve/errors.ts'
import { acceptWhoWaits } from '#kernel/serve/listen.ts'
import { pause } from '#kernel/time-limit.ts'
import type { OpenStreams } from './live/open-streams.ts'
import type { WebSocketDoor } from './live/websocket-door.ts'
import type { PlainPost } from './plain-post.ts'
import { orderedAccept } from './plugins/accept-ranges.ts'
import { plainRefusal } from './plugins/plain-refusal.ts'
import type { GatewaySettings } from './settings.ts'
import type { Callbacks } from './transport/callbacks.ts'

/** A gateway that listens. */
export type Listening = { port: number; host: string; url: string }

/** The HTTP server around the doors. */
export type Listener = {
  /** @throws PORT_TAKEN, ADDRESS_UNUSABLE */
  listen: (port: number, host: string) => Promise<Listening>
  /**
   * Goes on serving for the time of notice, each answer the last one on its connection: clients and
   * balancers turn to another gateway before this one refuses them.
   */
  giveNotice: () => Promise<void>
  close: () => Promise<void>
}

export type ListenerDeps = {
  yoga: RequestListener
  /** Looks at each request first. */
  plainPost: PlainPost
  /** Answers what subgraphs post, before anybody else looks. */
  takeCallback: Callbacks['take']
  sockets: WebSocketDoor
  streams: OpenStreams
  settings: GatewaySettings
}

const HEADERS_TIMEOUT_MS = 10_000
/** For all of a request to arrive; how long its answer may take is another bound. */
const ARRIVAL_TIMEOUT_MS = 60_000
/** Longer than balancers keep theirs (60 s): none takes up a connection that ends at that moment. */
const KEEP_ALIVE_MS = 65_000
const LONGEST_HEADERS = 16_384
const SWEEP_MS = 20
const HOST = /^[^\s/?#@\\]*$/

/** Nothing is bound before `listen`. */
export function createListener(deps: ListenerDeps): Listener {
  const { yoga, plainPost, takeCallback, sockets, streams, settings } = deps
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: ARRIVAL_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: LONGEST_HEADERS,
    },
    (request, response) => {
      if (isLeaving) response.setHeader('connection', 'close')
      if (!isAddressed(request)) return refuse(response)
      const { headers } = request
      if (headers.accept) headers.accept = orderedAccept(headers.accept)
      if (takeCallback(request, response)) return
      if (!plainPost(request, response)) return yoga(request, response)
    },
  )
  let isLeaving = false
  sockets.attach(server)
  return {
    listen: (port, host) => listen(server, port, host),
    async giveNotice() {
      isLeaving = true
      const { noticeMs } = settings.live
      if (!server.listening || noticeMs === 0) return
      await pause(noticeMs)
      await acceptWhoWaits()
    },
    async close() {
      if (!server.listening) return sockets.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      sockets.drain()
      streams.drain()
      const { drainMs } = settings.live
      const ending = setTimeout(() => {
        sockets.close()
        server.closeAllConnections()
      }, drainMs)
      // Whatever ends its last answer from now on would else be kept for another.
      const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
      server.closeIdleConnections()
      await closed
      clearTimeout(ending)
      clearInterval(sweeping)
    },
  }
}

/** Whether the request's address can be read: what follows makes a URL of it. */
function isAddressed({ headers: { host = '' }, url = '/' }: IncomingMessage): boolean {
  if (!HOST.test(host) || !URL.canParse(`http://${host || 'localhost'}`)) return false
  return !url.startsWith('/') || URL.canParse(`http://localhost${url}`)
}

function refuse(response: ServerResponse): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', connection: 'close' }
  response.writeHead(400, headers).end(plainRefusal('BAD_REQUEST'))
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
