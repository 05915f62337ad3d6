import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** What a subscriber asked for, and how it is answered. */
export type Subscriber = {
  payload: { query: string; extensions: Record<string, unknown> }
  next: (payload: unknown) => void
  /** Refuses it: nothing follows. */
  error: (code: string, more?: Record<string, unknown>) => void
  /** The last word of a stream that ran. */
  lastWord: (code: string, more?: Record<string, unknown>) => void
  complete: () => void
  /** Closes the whole connection. */
  close: (code: number, reason?: string) => void
  /** Answers nothing on this connection any more. */
  fallSilent: () => void
}

/** A door for live updates that says what a test says, to each subscriber in turn. */
export type ScriptedDoor = AsyncDisposable & {
  url: string
  /** The tokens with which connections introduced themselves. */
  introductions: unknown[]
  subscribers: Subscriber[]
}

/** Opens it: the n-th subscription is answered by the n-th line, those after by the last. */
export async function openScriptedDoor(
  lines: readonly ((subscriber: Subscriber) => void)[],
): Promise<ScriptedDoor> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false })
  const subscribers: Subscriber[] = []
  const introductions: unknown[] = []
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket) => {
    let isSilent = false
    const silence = () => {
      isSilent = true
    }
    socket.on('message', (raw) => {
      const message = JSON.parse(String(raw))
      const say = (answer: object) => isSilent || socket.send(JSON.stringify(answer))
      if (message.type === 'ping') say({ type: 'pong' })
      if (message.type === 'connection_init') {
        introductions.push(message.payload?.authorization)
        say({ type: 'connection_ack' })
      }
      if (message.type !== 'subscribe') return
      const subscriber = subscriberOf(socket, message, silence)
      subscribers.push(subscriber)
      lines[Math.min(subscribers.length, lines.length) - 1]?.(subscriber)
    })
  })
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `ws://127.0.0.1:${port}`, subscribers, introductions },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate()
        server.close(() => resolve())
      }),
  }
}

function subscriberOf(
  socket: WebSocket,
  { id, payload }: { id: string; payload: Subscriber['payload'] },
  fallSilent: () => void,
): Subscriber {
  const say = (type: string, told?: unknown) =>
    socket.send(JSON.stringify({ id, type, ...(told !== undefined && { payload: told }) }))
  const errors = (code: string, more: object = {}) => [
    { message: `It is ${code}.`, extensions: { code, ...more } },
  ]
  return {
    payload,
    next: (told) => say('next', told),
    error: (code, more) => say('error', errors(code, more)),
    lastWord(code, more) {
      say('next', { data: null, errors: errors(code, more) })
      say('complete')
    },
    complete: () => say('complete'),
    close: (code, reason) => socket.close(code, reason),
    fallSilent,
  }
}
