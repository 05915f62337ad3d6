import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServerAdapter } from '@whatwg-node/server'
import type { SubgraphFetch } from '../service/subgraph-fetch.ts'
import { serveError } from './errors.ts'

export type Listening = {
  url: string
  /** Takes no more connections; those that idle are closed. */
  close: () => Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 65_000

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
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done())
      server.closeIdleConnections()
    })
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_TAKEN' : 'ADDRESS_UNUSABLE'
      reject(serveError(code, { host, port }, { cause }))
    })
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`, close })
    })
  })
}
