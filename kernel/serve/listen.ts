import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServerAdapter } from '@whatwg-node/server'
import type { SubgraphFetch } from '../service/subgraph-fetch.ts'
import { serveError } from './errors.ts'

export type Listening = {
  url: string
  /**
   * Takes no more connections; those that idle are closed, the others when their answer has ended, or
   * when the time is over: nothing here ends a live stream but the service behind it, or its client.
   */
  close: (withinMs: number) => Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 65_000
const SWEEP_MS = 20

/** Lets answers under way end, within the time given. */
async function close(server: Server, withinMs: number): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()))
  const cutting = setTimeout(() => server.closeAllConnections(), withinMs)
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
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    adapter as RequestListener,
  )
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_TAKEN' : 'ADDRESS_UNUSABLE'
      reject(serveError(code, { host, port }, { cause }))
    })
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
        close: (withinMs) => close(server, withinMs),
      })
    })
  })
}
