import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket as OfPackage } from 'ws'
import { createDbsbm, type WebSocketImpl } from '../../sdk/src/index.ts'

type Implementation = new (url: string, protocols?: string | string[]) => object

/** A host that takes connections and says nothing, and one that takes none. */
async function openHost(isThere: boolean) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket
      .resume()
      .on('error', () => {})
      .on('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const end = async () => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  if (!isThere) await end()
  return { url: `http://127.0.0.1:${port}/graphql`, sockets, [Symbol.asyncDispose]: end }
}

/** Opens a client and a subscription, as far as that its socket connects. */
async function beginConnecting(url: string, Implementation: Implementation) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const webSocketImpl: WebSocketImpl = class extends Implementation {
    constructor(to: string, protocols?: string | string[]) {
      super(to, protocols)
      resolve()
    }
  }
  const client = createDbsbm({ url, webSocketImpl })
  const first = client.subscribe('subscription { ticks { id } }').next()
  await promise
  return { client, first }
}

describe.each<[string, Implementation]>([
  ['of the runtime', WebSocket],
  ['of the package ws', OfPackage],
])('a client that is closed while a socket %s connects', (_whose, Implementation) => {
  test('does not wait for a host that says nothing', async () => {
    await using host = await openHost(true)
    const { client, first } = await beginConnecting(host.url, Implementation)
    await expect.poll(() => host.sockets.size).toBe(1)
    const before = performance.now()
    await client.close()
    expect(performance.now() - before).toBeLessThan(1_000)
    expect(await first).toEqual({ done: true, value: undefined })
    // Nothing is left that would keep a program from its end.
    await expect.poll(() => host.sockets.size).toBe(0)
  })

  test('does not hear that nobody takes it', async () => {
    await using host = await openHost(false)
    const { client, first } = await beginConnecting(host.url, Implementation)
    expect(await client.close()).toBeUndefined()
    expect(await first).toEqual({ done: true, value: undefined })
  })
})
