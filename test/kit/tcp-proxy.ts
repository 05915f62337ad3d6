import { connect, createServer, type Socket } from 'node:net'

/**
 * What becomes of what a client sends: it passes; it is lost and the connection with it; it arrives
 * and the answer is lost with the connection; it is swallowed, and nothing is heard any more.
 */
export type Fate = 'pass' | 'lose' | 'lose-answer' | 'swallow'

/** A way to a server that a test can break. */
export type TcpProxy = AsyncDisposable & {
  port: number
  /** The port of 127.0.0.1 to which new connections lead. */
  target: number
  /** Decides what becomes of each piece that a client sends. */
  fateOf: (piece: Buffer) => Fate
  /** Breaks every connection off. */
  cut: () => void
  /** Breaks off the connection on which the bytes to clients exceed this many more; resolves then. */
  cutAfter: (bytes: number) => Promise<void>
  /** Breaks every connection off and takes no new ones, until it accepts again on the same port. */
  refuse: () => Promise<void>
  accept: () => Promise<void>
}

type Judge = {
  fateOf: (piece: Buffer) => Fate
  /** How many bytes of a piece may go to a client; where it is not all of them, they are the last. */
  allowed: (piece: Buffer) => number
}

function join(client: Socket, server: Socket, { fateOf, allowed }: Judge): void {
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
    if (isSwallowed) return
    const passing = piece.subarray(0, allowed(piece))
    const isCut = passing.length < piece.length
    if (isCut) server.pause()
    client.write(passing, () => isCut && end())
  })
  for (const socket of [client, server]) socket.on('close', end).on('error', end)
}

function createBound() {
  let left = Number.POSITIVE_INFINITY
  let tell = () => {}
  return {
    set(bytes: number) {
      left = bytes
      return new Promise<void>((resolve) => {
        tell = resolve
      })
    },
    allowed({ length }: Buffer) {
      const passing = Math.min(length, left)
      left -= passing
      if (passing === length) return passing
      left = Number.POSITIVE_INFINITY
      tell()
      return passing
    },
  }
}

/** Listens on a free port and passes on to the port of 127.0.0.1. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect(proxy.target, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    join(client, server, { fateOf: (piece) => proxy.fateOf(piece), allowed: bound.allowed })
  })
  const listen = (port: number) =>
    new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const bound = createBound()
  const refuse = () =>
    new Promise<void>((resolve) => {
      listener.close(() => resolve())
      cut()
    })
  const { port } = listener.address() as { port: number }
  const proxy: TcpProxy = {
    port,
    target,
    fateOf: () => 'pass',
    cut,
    cutAfter: bound.set,
    refuse,
    accept: () => listen(port),
    [Symbol.asyncDispose]: refuse,
  }
  return proxy
}
