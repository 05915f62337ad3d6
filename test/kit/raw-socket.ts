import { once } from 'node:events'
import { WebSocket } from 'ws'

export type SocketMessage = { type: string; id?: string; payload?: unknown }

/** A socket on which a test says every message itself. */
export type RawSocket = AsyncDisposable & {
  socket: WebSocket
  received: SocketMessage[]
  /** As they came. */
  texts: string[]
  send: (message: object) => void
  /** Code and reason, once it is closed. */
  closed: Promise<{ code: number; reason: string }>
  /** The next messages of a type. */
  of: (type: string, id?: string) => SocketMessage[]
}

/** Opens one; introduces it unless the parameters are null, and waits until that was answered. */
export async function openRawSocket(
  url: string,
  params: Record<string, unknown> | null = {},
): Promise<RawSocket> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false })
  const texts: string[] = []
  const received: SocketMessage[] = []
  const { promise: closed, resolve } = Promise.withResolvers<{ code: number; reason: string }>()
  socket.on('message', (data) => {
    texts.push(String(data))
    received.push(JSON.parse(String(data)) as SocketMessage)
  })
  socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))
  socket.on('error', () => undefined)
  const send = (message: object) => socket.send(JSON.stringify(message))
  await once(socket, 'open')
  if (params) {
    send({ type: 'connection_init', payload: params })
    await once(socket, 'message')
  }
  return {
    ...{ socket, received, texts, send, closed },
    of: (type, id) => received.filter((one) => one.type === type && (!id || one.id === id)),
    [Symbol.asyncDispose]: async () => {
      socket.terminate()
      await closed
    },
  }
}
