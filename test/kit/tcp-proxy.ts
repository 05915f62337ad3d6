import { connect, createServer, type Socket } from 'node:net'

/**
 * What becomes of what a client sends: it passes; it is lost and the connection with it; it arrives
 * and the answer is lost with the connection; it is swallowed, and nothing is heard any more.
 */
export type Fate = 'pass' | 'lose' | 'lose-answer' | 'swallow'

/** A way to a server that a test can break. */
export type TcpProxy = AsyncDisposable & {
  port: number
  /** Decides what becomes of each piece that a client sends. */
  fateOf: (piece: Buffer) => Fate
  /** Breaks every connection off. */
  cut: () => void
  /** Breaks every connection off and takes no new ones, until it accepts again on the same port. */
  refuse: () => Promise<void>
  accept: () => Promise<void>
}

function join(client: Socket, server: Socket, fateOf: (piece: Buffer) => Fate): void {
  const end = () => {
    client.destroy()
    server.destroy()
  }
  let isAnswerLost = false
  let isSwallowed = false
  client.on('data', (piece) => {
    const fate = isSwallowed ? 'swallow' : fateOf(piece)
    if (fate === 'lose') return end()
    isSwallowed = fate === 'swallow'
    isAnswerLost = fate === 'lose-answer'
    if (!isSwallowed) server.write(piece)
  })
  server.on('data', (piece) => {
    if (isAnswerLost) return end()
    if (!isSwallowed) client.write(piece)
  })
  for (const socket of [client, server]) socket.on('close', end).on('error', end)
}

/** Listens on a free port and passes on to the port of 127.0.0.1. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect(target, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    join(client, server, (piece) => proxy.fateOf(piece))
  })
  const listen = (port: number) =>
    new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const refuse = () =>
    new Promise<void>((resolve) => {
      listener.close(() => resolve())
      cut()
    })
  const { port } = listener.address() as { port: number }
  const proxy: TcpProxy = {
    port,
    fateOf: () => 'pass',
    cut,
    refuse,
    accept: () => listen(port),
    [Symbol.asyncDispose]: refuse,
  }
  return proxy
}
