import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on a free port of this machine; disposed, it cuts whoever is still connected. */
export type LocalServer = AsyncDisposable & {
  url: string
  port: number
  close: () => Promise<void>
}

/** Listens on 127.0.0.1. */
export async function startHttpServer(listener: RequestListener, port = 0): Promise<LocalServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${bound}`, port: bound, close, [Symbol.asyncDispose]: close }
}
