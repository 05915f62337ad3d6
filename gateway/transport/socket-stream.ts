import { type RawData, WebSocket } from 'ws'
import { isDomainError } from '#kernel/errors.ts'
import { isUnreachable } from '#kernel/service/not-taken.ts'
import { gatewayError } from '../errors.ts'
import { answerInvalid, type SubgraphAnswer } from './answer.ts'
import { createMailbox, type Mailbox } from './mailbox.ts'
import { OPERATION_ID, readSocketMessage, type SocketMessage } from './socket-messages.ts'
import { SilentSocketError, type SocketWatch, watchSocket } from './socket-watch.ts'
import type { StreamLimits } from './stream.ts'

/** One subscription that a subgraph is asked. */
export type StreamCall = {
  subgraph: string
  /** Of its GraphQL endpoint, over HTTP. */
  url: string
  headers: Readonly<Record<string, string>>
  /** Query, variables and extensions, as JSON. */
  body: string
  /** Ends the opening. */
  opening: AbortSignal
  limits: StreamLimits
}

const PROTOCOL = 'graphql-transport-ws'
/** Events that wait for a slow reader before the socket is no longer read. */
const MOST_WAITING = 16
const NOT_TAKEN = 503
/** How long a socket may take to close before it is cut. */
const CLOSING_MS = 1_000

type Connection = {
  socket: WebSocket
  mailbox: Mailbox<SubgraphAnswer>
  watch: SocketWatch
  acknowledged: PromiseWithResolvers<void>
}

/**
 * Subscribes over `graphql-transport-ws` (PROTOCOL.md of graphql-ws): one socket for one operation, so
 * that no other dies with it. Resolves when the subgraph has acknowledged the connection.
 * @throws SUBGRAPH_UNREACHABLE when it cannot be reached, closes or falls silent,
 * SUBGRAPH_ANSWER_INVALID for what is not of the protocol, for too much of it, and for a refusal
 */
export async function openSocketStream(call: StreamCall): Promise<AsyncGenerator<SubgraphAnswer>> {
  const { opening, limits } = call
  const connection = connect(call)
  const { socket, mailbox, acknowledged } = connection
  const give = () => acknowledged.reject(opening.reason)
  opening.addEventListener('abort', give, { once: true })
  if (opening.aborted) give()
  try {
    listen(connection, call)
    await acknowledged.promise
  } catch (failure) {
    socket.terminate()
    throw opening.aborted ? opening.reason : failure
  } finally {
    opening.removeEventListener('abort', give)
  }
  const stop = () => mailbox.end(limits.signal.reason)
  limits.signal.addEventListener('abort', stop, { once: true })
  socket.send(`{"id":"${OPERATION_ID}","type":"subscribe","payload":${call.body}}`)
  return read(connection, () => limits.signal.removeEventListener('abort', stop))
}

async function* read({ socket, mailbox }: Connection, done: () => void) {
  try {
    yield* mailbox.read()
  } finally {
    done()
    leave(socket)
  }
}

/** Says goodbye where somebody listens, and waits no longer than a moment for the answer. */
function leave(socket: WebSocket): void {
  if (socket.readyState !== WebSocket.OPEN) {
    socket.terminate()
    return
  }
  socket.send(`{"id":"${OPERATION_ID}","type":"complete"}`)
  socket.resume()
  socket.close(1000)
  setTimeout(() => socket.terminate(), CLOSING_MS).unref()
}

function connect({ url, headers, limits }: StreamCall): Connection {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), PROTOCOL, {
    ...{ headers, maxPayload: limits.eventBytes },
    ...{ perMessageDeflate: false, followRedirects: false, autoPong: false },
  })
  const watch = watchSocket(socket, limits.idleMs)
  const mailbox = createMailbox<SubgraphAnswer>({
    most: MOST_WAITING,
    full: () => socket.pause(),
    roomy: () => {
      watch.heard()
      socket.resume()
    },
  })
  return { socket, mailbox, watch, acknowledged: Promise.withResolvers<void>() }
}

function listen(connection: Connection, { subgraph }: StreamCall): void {
  const { socket, mailbox, acknowledged } = connection
  const fail = (failure: unknown) => {
    mailbox.end(failure)
    acknowledged.reject(failure)
    socket.terminate()
  }
  const hear = createHearing(connection, subgraph)
  socket.on('open', () => socket.send('{"type":"connection_init"}'))
  socket.on('message', (text, isBinary) => {
    try {
      hear(text, isBinary)
    } catch (failure) {
      fail(failure)
    }
  })
  socket.on('unexpected-response', (request, { statusCode }) => {
    request.destroy()
    fail(refused(subgraph, statusCode))
  })
  socket.on('error', (cause) => fail(asFailure(subgraph, cause)))
  socket.on('close', (code) => fail(closed(subgraph, code)))
}

/** Takes each message in the order that the protocol wants. */
function createHearing({ socket, mailbox, watch, acknowledged }: Connection, subgraph: string) {
  let isAcknowledged = false
  const begin = () => {
    if (isAcknowledged) throw answerInvalid(subgraph, new Error('Acknowledged twice.'))
    isAcknowledged = true
    acknowledged.resolve()
  }
  const tell = (message: SocketMessage) => {
    if (!isAcknowledged) throw answerInvalid(subgraph, new Error('Answered before it was asked.'))
    if ('answer' in message) mailbox.push(message.answer)
    if (message.type !== 'next') mailbox.end()
  }
  return (text: RawData, isBinary: boolean) => {
    if (isBinary) throw answerInvalid(subgraph, new Error('A message that is no text.'))
    const message = readSocketMessage(subgraph, String(text))
    if (message.type === 'connection_ack') return begin()
    if (message.type !== 'ping' && message.type !== 'pong') return tell(message)
    watch.heardIdly()
    if (message.type === 'ping') socket.send('{"type":"pong"}')
  }
}

function refused(subgraph: string, status: number | undefined) {
  const cause = new Error(`The subgraph answered the handshake with ${status}.`)
  if (status === NOT_TAKEN) return gatewayError('SUBGRAPH_UNREACHABLE', { subgraph }, { cause })
  return answerInvalid(subgraph, cause)
}

/** 4400 to 4499 say what was wrong with the asking: asking again would not mend it. */
function closed(subgraph: string, code: number) {
  const cause = new Error(`The subgraph closed the socket with ${code}.`)
  if (code >= 4400 && code <= 4499) return answerInvalid(subgraph, cause)
  return gatewayError('SUBGRAPH_UNREACHABLE', { subgraph }, { cause })
}

/** What is wrong with the frames is the subgraph's fault, what is wrong with the way is nobody's. */
function asFailure(subgraph: string, cause: unknown) {
  if (isDomainError(cause)) return cause
  if (isUnreachable(cause) || cause instanceof SilentSocketError)
    return gatewayError('SUBGRAPH_UNREACHABLE', { subgraph }, { cause })
  return answerInvalid(subgraph, cause)
}
