import type { IncomingMessage } from 'node:http'
import type {
  ExecutionArgs,
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLError,
} from 'graphql'
import { type Context, makeServer, type SubscribePayload } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import type { ClientOf } from '../access/client-of.ts'
import type { Who } from '../access/who/who.ts'
import { resumeOf } from '../engine/resume-of.ts'
import { gatewayError } from '../errors.ts'
import { type Asking, createAsking } from '../plugins/asking.ts'
import { presentError } from '../plugins/present-errors.ts'
import type { LiveSessions } from './live-sessions.ts'
import type { LiveSettings } from './live-settings.ts'
import { CLOSE, type Connection, serveSocket } from './websocket-connection.ts'

/** GraphQL over WebSocket (graphql-transport-ws) on one socket after another. */
export type WebSocketProtocol = { open: (socket: WebSocket, request: IncomingMessage) => void }

/** An operation made ready by the same pipeline that serves HTTP. */
export type PreparedOperation = ExecutionArgs & {
  rootValue: {
    execute: (args: ExecutionArgs) => unknown
    subscribe: (args: ExecutionArgs) => unknown
  }
}

export type WebSocketProtocolDeps = {
  who: Who
  clientOf: ClientOf
  sessions: LiveSessions
  /** Parses, validates and limits; @throws what the client may be told. */
  prepare: (
    payload: SubscribePayload,
    asking: Asking,
  ) => Promise<PreparedOperation | GraphQLError[]>
  settings: LiveSettings
  newRequestId: () => string
  log: Logger
  /** Told the code of each error that is sent. */
  countError: (code: unknown) => void
}

type Socket = Context<Record<string, unknown>, Connection>

/** One protocol server for all sockets of a gateway. */
export function createWebSocketProtocol(deps: WebSocketProtocolDeps): WebSocketProtocol {
  const server = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: deps.settings.connectionInitTimeoutMs,
    onConnect: (socket) => connect(deps, socket),
    onSubscribe: (socket, id, payload) => subscribe(deps, socket, { id, payload }),
    // The operation brings its own executor: the one of the pipeline that made it ready.
    execute: (args) => (args as PreparedOperation).rootValue.execute(args) as ExecutionResult,
    subscribe: (args) => (args as PreparedOperation).rootValue.subscribe(args) as ExecutionResult,
    onNext: (socket, id, _payload, _args, result) =>
      present(deps, socket, { id, result }) as FormattedExecutionResult | undefined,
    onError: (socket, id, _payload, errors) => presentAll(deps, socket, { id, errors }),
    onComplete: (socket, id) => end(socket, id),
  })
  const { settings, clientOf, log } = deps
  const served = { server, settings, clientOf, log }
  return { open: (socket, request) => serveSocket(served, socket, request) }
}

async function connect(deps: WebSocketProtocolDeps, socket: Socket): Promise<boolean> {
  const connection = socket.extra
  try {
    const authorization = authorizationIn(socket.connectionParams ?? {})
    connection.identity = await deps.who.identify({
      authorization,
      ip: connection.client?.ip ?? null,
    })
  } catch (failure) {
    if (!isDomainError(failure)) throw failure
    const isOurs = failure.code === 'IDENTITY_UNREACHABLE'
    connection.close(isOurs ? CLOSE.tryLater : CLOSE.forbidden, failure.code)
    return false
  }
  connection.stopWatching = deps.sessions.watch(connection.identity, (reason) =>
    connection.close(CLOSE.forbidden, reason),
  )
  return true
}

/**
 * Clients write the name as they write the header's, in any case.
 * @throws TOKEN_INVALID for what is no text, or for two that differ
 */
function authorizationIn(params: Readonly<Record<string, unknown>>): string | null {
  const named = Object.entries(params).filter(([name]) => name.toLowerCase() === 'authorization')
  const given = new Set(named.map(([, value]) => value ?? null))
  given.delete(null)
  const [authorization = null] = given
  if (given.size > 1) throw gatewayError('TOKEN_INVALID')
  if (authorization !== null && typeof authorization !== 'string')
    throw gatewayError('TOKEN_INVALID')
  return authorization
}

/** What the protocol calls a result; its declaration differs from GraphQL's by an `undefined`. */
type Answered = { errors?: readonly GraphQLError[] | undefined }

type Subscribing = { id: string; payload: SubscribePayload }

async function subscribe(
  deps: WebSocketProtocolDeps,
  socket: Socket,
  { id, payload }: Subscribing,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { identity, client, running } = socket.extra
  const requestId = deps.newRequestId()
  try {
    if (!identity) throw gatewayError('TOKEN_INVALID')
    if (running.size >= deps.settings.subscriptionsPerConnection) {
      throw gatewayError('MAX_SUBSCRIPTIONS_LIMIT')
    }
    const asking = createAsking({
      channel: 'websocket',
      connection: socket.extra,
      requestId,
      identity,
      client,
      resume: resumeOf(payload.extensions),
      wantsQueryPlan: false,
      facts: null,
      gone: null,
    })
    running.set(id, asking)
    const prepared = await deps.prepare(payload, asking)
    // The protocol tells of no end where nothing began.
    if (Array.isArray(prepared)) running.delete(id)
    return prepared
  } catch (failure) {
    // Nothing else stands under this id: the protocol refuses one that is in use before it asks here.
    running.delete(id)
    return [presentError(failure, { requestId, log: deps.log, count: deps.countError })]
  }
}

function end(socket: Socket, id: string): void {
  const asking = socket.extra.running.get(id)
  socket.extra.running.delete(id)
  asking?.abort(new Error('The operation ended.'))
}

function audienceOf(deps: WebSocketProtocolDeps, socket: Socket, id: string) {
  const requestId = socket.extra.running.get(id)?.requestId ?? deps.newRequestId()
  return { requestId, log: deps.log, count: deps.countError }
}

function present(
  deps: WebSocketProtocolDeps,
  socket: Socket,
  { id, result }: { id: string; result: Answered },
) {
  if (!result.errors) return
  return { ...result, errors: presentAll(deps, socket, { id, errors: result.errors }) }
}

function presentAll(
  deps: WebSocketProtocolDeps,
  socket: Socket,
  { id, errors }: { id: string; errors: readonly GraphQLError[] },
) {
  const audience = audienceOf(deps, socket, id)
  return errors.map((error) => {
    const { extensions, ...formatted } = presentError(error, audience).toJSON()
    const { http: _http, ...shown } = extensions ?? {}
    return { ...formatted, extensions: shown }
  })
}
