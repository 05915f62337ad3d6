import type { WebSocket } from 'ws'

/** Thrown at a socket on which not even the answer to a ping arrives. */
export class SilentSocketError extends Error {
  override readonly name = 'SilentSocketError'
}

/** Thrown at a socket that sends pings and little else, or does not take the answers. */
class FloodedSocketError extends Error {
  override readonly name = 'FloodedSocketError'
}

/** Pings and pongs in one second, of the protocol and below it; a good peer sends one in several. */
const MOST_IDLE_WORDS = 100
const SECOND_MS = 1_000
/** Of answers to pings that the other side does not take. */
const MOST_BUFFERED_BYTES = 65_536

export type SocketWatch = {
  /** Something came, or nothing was listened for until now. */
  heard: () => void
  /** A ping or a pong of the protocol came. */
  heardIdly: () => void
}

/**
 * Asks the other side for a sign of life, which every peer gives (RFC 6455, section 5.5.2). When there
 * is none for so long, or there are far too many, the socket has an `error`.
 */
export function watchSocket(socket: WebSocket, idleMs: number): SocketWatch {
  const isFlood = createFloodGate()
  const silence = setTimeout(() => {
    // While nothing is read of it, nobody knows what it says.
    if (socket.isPaused) silence.refresh()
    else socket.emit('error', new SilentSocketError())
  }, idleMs)
  const asking = setInterval(() => {
    if (socket.readyState === socket.OPEN) socket.ping()
  }, idleMs / 3)
  const heard = () => void silence.refresh()
  const heardIdly = () => {
    heard()
    const isTooMuch = isFlood() || socket.bufferedAmount > MOST_BUFFERED_BYTES
    if (isTooMuch) socket.emit('error', new FloodedSocketError())
  }
  socket.on('message', heard)
  socket.on('pong', heardIdly)
  socket.on('ping', (content) => {
    heardIdly()
    if (socket.readyState === socket.OPEN) socket.pong(content)
  })
  socket.once('close', () => {
    clearTimeout(silence)
    clearInterval(asking)
  })
  return { heard, heardIdly }
}

/** True for what comes too often within one second. */
export function createFloodGate(): () => boolean {
  let since = performance.now()
  let words = 0
  return () => {
    const now = performance.now()
    if (now - since > SECOND_MS) {
      since = now
      words = 0
    }
    words++
    return words > MOST_IDLE_WORDS
  }
}
