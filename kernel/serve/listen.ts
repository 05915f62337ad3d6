import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { createServerAdapter } from '@whatwg-node/server'
import type { SubgraphFetch } from '../service/subgraph-fetch.ts'
import { serveError } from './errors.ts'

export type Listening = {
  url: string
  /**
   * Answers for half a second more whoever comes, each on a connection that ends with its answer.
   * Then it takes no more connections; those that idle are closed, the others when their answer has
   * ended, or when the time is over: nothing here ends a live stream but the service behind it, or
   * its client.
   */
  close: (withinMs: number) => Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 65_000
const SWEEP_MS = 20
/**
 * How long a door that closes still answers. A client may just send, on a connection that idles or on
 * one not accepted yet: cut then, it could not know whether its request was taken. Within this time
 * it hears from the service behind the door that it drains, and sends nothing more.
 */
const LAST_REQUESTS_MS = 500
/**
 * A machine may be so busy that the time passes before what had arrived is even looked at. Node takes
 * up one connection in a turn, and as many as this may wait for it (its backlog).
 */
const LAST_TURNS = 512

/** Accepts whoever waited before a door that is about to close, however busy the machine is. */
export async function acceptWhoWaits(): Promise<void> {
  for (let turns = 0; turns < LAST_TURNS; turns++) await turn()
}

/** Lets answers under way end, within the time given. */
async function close(server: Server, withinMs: number): Promise<void> {
  const lastMs = Math.min(LAST_REQUESTS_MS, withinMs)
  await pause(lastMs)
  await acceptWhoWaits()
  const closed = new Promise<void>((done) => server.close(() => done()))
  const cutting = setTimeout(() => server.closeAllConnections(), withinMs - lastMs)
  // Whatever ends its last answer from now on would else be kept for another.
  const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  server.closeIdleConnections()
  await closed
  clearTimeout(cutting)
  clearInterval(sweeping)
}

/** Serves `fetch` over HTTP. @throws PORT_TAKEN, ADDRESS_UNUSABLE */
export function listen(
  fetch: SubgraphFetch,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const adapter = createServerAdapter<unknown>((request: Request) => fetch(request))
  const answer = adapter as RequestListener
  let isClosing = false
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      if (isClosing) response.shouldKeepAlive = false
      answer(request, response)
    },
  )
  const closeSoon = (withinMs: number) => {
    isClosing = true
    return close(server, withinMs)
  }
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_TAKEN' : 'ADDRESS_UNUSABLE'
      reject(serveError(code, { host, port }, { cause }))
    })
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
        close: closeSoon,
      })
    })
  })
}
