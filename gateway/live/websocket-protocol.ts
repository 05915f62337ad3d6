import type { Duplex } from 'node:stream'
import { type Message, MessageType, validateMessage } from 'graphql-ws'
import type { RawData, WebSocket } from 'ws'
import type { Client } from '#kernel/auth/client.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { Who } from '../access/who/who.ts'
import { gatewayError } from '../errors.ts'
import { isRecord } from '../transport/answer.ts'
import { CLOSE } from './close-codes.ts'
import type { ConnectionSweep } from './connection-sweep.ts'
import type { LiveSessions } from './live-sessions.ts'
import type { LiveSettings } from './live-settings.ts'
import { Connection } from './websocket-connection.ts'
import {
  beginOperation,
  endOperation,
  type WebSocketOperationsDeps,
} from './websocket-operations.ts'

/** GraphQL over WebSocket (graphql-transport-ws) on one socket after another. */
export type WebSocketProtocol = {
  open: (socket: WebSocket, raw: Duplex, client: Client | null) => void
}

export type WebSocketProtocolDeps = WebSocketOperationsDeps & {
  who: Who
  sessions: LiveSessions
  settings: LiveSettings
  sweep: ConnectionSweep
}

/** The name by which client and server agree on the protocol. */
export const SUBPROTOCOL = 'graphql-transport-ws'

/** One protocol server for all sockets of a gateway. */
export function createWebSocketProtocol(deps: WebSocketProtocolDeps): WebSocketProtocol {
  return {
    open(socket, raw, client) {
      if (socket.protocol !== SUBPROTOCOL) {
        socket.close(CLOSE.badProtocol, 'Subprotocol not acceptable')
        return
      }
      const connection = new Connection(socket, raw, { client, bounds: deps.settings })
      deps.sweep.add(connection)
      socket.on('message', (data, isBinary) => receive(deps, connection, { data, isBinary }))
      socket.once('close', () => {
        deps.sweep.remove(connection)
        connection.release()
      })
    },
  }
}

function receive(
  deps: WebSocketProtocolDeps,
  connection: Connection,
  raw: { data: RawData; isBinary: boolean },
): void {
  if (!connection.isOpen) return
  if (!connection.messages.take()) {
    connection.close(CLOSE.tryLater, 'Too many messages')
    return
  }
  const message = messageIn(raw)
  if (message) handled(deps, connection, message)
  else connection.close(CLOSE.badMessage, 'Invalid message')
}

/** Whatever fails in here is a bug, and concerns this connection alone. */
function handled(deps: WebSocketProtocolDeps, connection: Connection, message: Message): void {
  handle(deps, connection, message).catch((failure: unknown) => {
    deps.log.error({ err: failure }, 'a live connection failed')
    connection.close(CLOSE.broken, 'Internal server error')
  })
}

/** Of the names that clients give their operations; they come back with each event. */
const LONGEST_ID = 256

/** Messages are texts: JSON of the protocol's form. */
function messageIn({ data, isBinary }: { data: RawData; isBinary: boolean }): Message | null {
  if (isBinary) return null
  try {
    const message = validateMessage(withQuery(JSON.parse(String(data))))
    return 'id' in message && message.id.length > LONGEST_ID ? null : message
  } catch {
    return null
  }
}

async function handle(
  deps: WebSocketProtocolDeps,
  connection: Connection,
  message: Message,
): Promise<void> {
  switch (message.type) {
    case MessageType.ConnectionInit:
      return introduce(deps, connection, message.payload ?? {})
    case MessageType.Ping:
      return answerPing(connection, message.payload)
    case MessageType.Pong:
      return
    case MessageType.Complete:
      return endOperation(connection, message.id)
    case MessageType.Subscribe:
      if (connection.phase !== 'ready') return connection.close(CLOSE.notIntroduced, 'Unauthorized')
      if (connection.running.has(message.id))
        return connection.close(CLOSE.idTaken, 'Subscriber already exists')
      return beginOperation(deps, connection, message)
    default:
      return connection.close(CLOSE.badMessage, 'Unexpected message')
  }
}

/** A document that is named needs no text; the library's check knows only those that are sent. */
function withQuery(message: unknown): unknown {
  if (!isRecord(message) || !isRecord(message.payload)) return message
  const { query, documentId, extensions } = message.payload
  const isNamed =
    typeof documentId === 'string' || (isRecord(extensions) && 'persistedQuery' in extensions)
  if (query !== undefined || !isNamed) return message
  return { ...message, payload: { ...message.payload, query: '' } }
}

function answerPing(connection: Connection, payload: unknown): void {
  const content = payload === undefined ? '' : `,"payload":${JSON.stringify(payload)}`
  if (connection.pings.take()) connection.send(`{"type":"pong"${content}}`)
  else connection.close(CLOSE.tryLater, 'Too many pings')
}

type Parameters = Readonly<Record<string, unknown>>

async function introduce(
  deps: WebSocketProtocolDeps,
  connection: Connection,
  params: Parameters,
): Promise<void> {
  if (connection.phase !== 'new')
    return connection.close(CLOSE.introducedTwice, 'Too many initialisation requests')
  connection.phase = 'introducing'
  try {
    const authorization = authorizationIn(params)
    const ip = connection.client?.ip ?? null
    connection.identity = await deps.who.identify({ authorization, ip })
  } catch (failure) {
    if (!isDomainError(failure)) throw failure
    const isOurs = failure.code === 'IDENTITY_UNREACHABLE'
    return connection.close(isOurs ? CLOSE.tryLater : CLOSE.forbidden, failure.code)
  }
  if (!connection.isOpen) return
  connection.phase = 'ready'
  connection.stopWatching = deps.sessions.watch(connection.identity, (reason) =>
    connection.close(CLOSE.forbidden, reason),
  )
  connection.send('{"type":"connection_ack"}')
}

/**
 * Clients write the name as they write the header's, in any case.
 * @throws TOKEN_INVALID for what is no text, or for two that differ
 */
function authorizationIn(params: Parameters): string | null {
  const named = Object.entries(params).filter(([name]) => name.toLowerCase() === 'authorization')
  const given = new Set(named.map(([, value]) => value ?? null))
  given.delete(null)
  const [authorization = null] = given
  if (given.size > 1) throw gatewayError('TOKEN_INVALID')
  if (authorization !== null && typeof authorization !== 'string')
    throw gatewayError('TOKEN_INVALID')
  return authorization
}
