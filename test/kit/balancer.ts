import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { isAnswered } from './child-process.ts'

/** What stands before the gateways in production: it carries bytes and knows nothing of HTTP. */
export type Balancer = AsyncDisposable & {
  /** The one address that clients know. */
  url: string
}

/** How often each target's `/ready` is asked, milliseconds. */
const LOOK_MS = 1_000

type Target = { url: string; isIn: boolean }

async function connected(target: Target): Promise<Socket | null> {
  const { hostname, port } = new URL(target.url)
  const socket = connect({ host: hostname, port: Number(port) })
  const isConnected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  return isConnected ? socket : null
}

/** Round robin: each time another one is asked first, those that are out come last. */
function createTurns(targets: readonly Target[]) {
  let turn = 0
  return (): Target[] => {
    turn = (turn + 1) % targets.length
    const turned = [...targets.slice(turn), ...targets.slice(0, turn)]
    return [...turned.filter(({ isIn }) => isIn), ...turned.filter(({ isIn }) => !isIn)]
  }
}

/** What one side's end means for the other; a failure of either ends both. */
function join(client: Socket, target: Socket): void {
  for (const [one, other] of [
    [client, target],
    [target, client],
  ] as const) {
    one.setNoDelay(true)
    one.pipe(other)
    one.on('error', () => other.destroy())
    // What is still on its way to the other side arrives.
    one.once('close', () => other.destroySoon())
  }
}

async function carry(client: Socket, order: readonly Target[]): Promise<void> {
  // A client that goes while it waits is nobody's trouble.
  client.on('error', () => client.destroy())
  for (const target of order) {
    const socket = await connected(target)
    if (!socket) continue
    if (client.destroyed) return void socket.destroy()
    return join(client, socket)
  }
  client.destroy()
}

/**
 * Starts a balancer of layer 4 before some targets, on a free port: a connection goes to the next
 * one that is ready and takes it; where none is ready, to any that takes it.
 */
export async function startBalancer(urls: readonly string[]): Promise<Balancer> {
  const targets: Target[] = urls.map((url) => ({ url, isIn: true }))
  const nextOrder = createTurns(targets)
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    void carry(client, nextOrder())
  })
  const look = async (target: Target) => {
    target.isIn = await isAnswered(`${target.url}/ready`)
  }
  const looking = setInterval(() => targets.forEach((target) => void look(target)), LOOK_MS)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      clearInterval(looking)
      const closed = new Promise((done) => server.close(done))
      for (const client of open) client.destroy()
      await closed
    },
  }
}
