import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql'
import type { SubscribeMessage, SubscribePayload } from 'graphql-ws'
import type { Logger } from '#kernel/log.ts'
import { resumeOf } from '../engine/resume-of.ts'
import { gatewayError } from '../errors.ts'
import { type Asking, createAsking } from '../plugins/asking.ts'
import { presentError } from '../plugins/present-errors.ts'
import { isStream } from '../plugins/streamed-answer.ts'
import { CLOSE } from './close-codes.ts'
import type { Ending, Reader } from './fan-out/reader.ts'
import type { LiveSettings } from './live-settings.ts'
import type { PreparedOperation } from './prepare-operation.ts'
import { readerOf } from './reader-stream.ts'
import { hasText, textOf } from './shared-text.ts'
import type { Connection, Running } from './websocket-connection.ts'
import { frameOf } from './websocket-frame.ts'

export type WebSocketOperationsDeps = {
  /** Parses, validates and limits; @throws what the client may be told. */
  prepare: (
    payload: SubscribePayload,
    asking: Asking,
  ) => Promise<PreparedOperation | readonly GraphQLError[]>
  settings: Pick<LiveSettings, 'subscriptionsPerConnection'>
  newRequestId: () => string
  /** Told the code of each error that is sent. */
  countError: (code: unknown) => void
  /** Told how many events were sent. */
  countEvents: (count: number) => void
  log: Logger
}

type Begun = { id: string; running: Running; requestId: string }

/** Begins an operation of a connection, and sends what comes of it. Never rejects but for bugs. */
export async function beginOperation(
  deps: WebSocketOperationsDeps,
  connection: Connection,
  { id, payload }: SubscribeMessage,
): Promise<void> {
  const requestId = deps.newRequestId()
  const running: Running = { asking: null, reader: null, stop: () => running.asking?.abort(ENDED) }
  const begun: Begun = { id, running, requestId }
  try {
    allow(deps, connection)
    running.asking = askingOf(connection, payload, requestId)
    connection.running.set(id, running)
    const prepared = await deps.prepare(payload, running.asking)
    if (!isRunning(connection, begun)) return
    if ('document' in prepared)
      await deliver(deps, connection, { ...begun, result: await run(prepared) })
    else sendErrors(deps, connection, { ...begun, errors: prepared })
  } catch (failure) {
    sendErrors(deps, connection, { ...begun, errors: [failure] })
  }
}

const ENDED = new Error('The operation ended.')

/** @throws OPERATION_RATE_LIMIT, MAX_SUBSCRIPTIONS_LIMIT */
function allow({ settings }: WebSocketOperationsDeps, { operations, running }: Connection): void {
  if (!operations.take()) throw gatewayError('OPERATION_RATE_LIMIT')
  if (running.size >= settings.subscriptionsPerConnection)
    throw gatewayError('MAX_SUBSCRIPTIONS_LIMIT')
}

/** @throws TOKEN_INVALID for whoever is not known, which cannot be after an introduction */
function askingOf(
  connection: Connection,
  { extensions }: SubscribePayload,
  requestId: string,
): Asking {
  const { identity, client } = connection
  if (!identity) throw gatewayError('TOKEN_INVALID')
  return createAsking({
    ...{ channel: 'websocket', connection, requestId, identity, client },
    ...{ resume: resumeOf(extensions), wantsQueryPlan: false, facts: null, gone: null },
  })
}

type Delivered = ExecutionResult | AsyncIterable<ExecutionResult>

async function run(args: PreparedOperation): Promise<Delivered> {
  const { execute, subscribe } = args.rootValue
  const operation = getOperationAST(args.document, args.operationName)
  const isSubscription = operation?.operation === 'subscription'
  return (await (isSubscription ? subscribe(args) : execute(args))) as Delivered
}

const isRunning = ({ running }: Connection, begun: Pick<Begun, 'id' | 'running'>) =>
  running.get(begun.id) === begun.running

async function deliver(
  deps: WebSocketOperationsDeps,
  connection: Connection,
  { result, ...begun }: Begun & { result: Delivered },
): Promise<void> {
  if (!isStream<ExecutionResult>(result)) return answer(deps, connection, { ...begun, result })
  const reader = readerOf(result)
  if (reader) return follow(deps, connection, { ...begun, reader })
  const iterator = result[Symbol.asyncIterator]()
  begun.running.stop = () => void iterator.return?.()
  if (!isRunning(connection, begun)) return begun.running.stop()
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
    if (!isRunning(connection, begun)) return
    sendNext(connection, begun.id, presented(deps, step.value, begun))
  }
  complete(connection, begun)
}

/** A refusal ends the operation by itself; anything with data is a result, and the only one. */
function answer(
  deps: WebSocketOperationsDeps,
  connection: Connection,
  { result, ...begun }: Begun & { result: ExecutionResult },
): void {
  if (!isRunning(connection, begun)) return
  const { errors } = result
  if (errors && !('data' in result)) {
    sendErrors(deps, connection, { ...begun, errors })
    return
  }
  sendNext(connection, begun.id, presented(deps, result, begun))
  complete(connection, begun)
}

/** Sends what a reader has whenever it has something, and no promise is made for any of it. */
function follow(
  deps: WebSocketOperationsDeps,
  connection: Connection,
  { reader, ...begun }: Begun & { reader: Reader },
): void {
  const { running, id } = begun
  running.reader = reader
  running.stop = () => reader.endWith({ last: null })
  // All that the pipeline made for the beginning is let go of.
  running.asking = null
  if (!isRunning(connection, begun)) {
    running.stop()
    return
  }
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`
  const pump = () => {
    let sent = 0
    while (isRunning(connection, begun) && connection.isOpen && !connection.isFull) {
      const step = reader.take()
      if (!step) break
      if (step.ended) end(deps, connection, { ...begun, ending: step.ended })
      else {
        connection.write(frameOf(step.told, head))
        sent++
      }
    }
    if (sent > 0) deps.countEvents(sent)
  }
  reader.listen(pump)
  pump()
}

/** The last word of a stream is its last event. Whoever was too slow is let go as a whole, and comes back. */
function end(
  deps: WebSocketOperationsDeps,
  connection: Connection,
  { ending: { last, isTooSlow }, ...begun }: Begun & { ending: Ending },
): void {
  if (isTooSlow) connection.close(CLOSE.tryLater, 'Too slow')
  if (isTooSlow || !isRunning(connection, begun)) return
  if (last) sendNext(connection, begun.id, presented(deps, last, begun))
  complete(connection, begun)
}

type Presented = Pick<Begun, 'requestId'>

function presented(
  deps: WebSocketOperationsDeps,
  result: ExecutionResult,
  { requestId }: Presented,
): ExecutionResult {
  if (!result.errors || hasText(result)) return result
  const audience = { requestId, log: deps.log, count: deps.countError }
  return { ...result, errors: result.errors.map((error) => presentError(error, audience)) }
}

function sendNext(connection: Connection, id: string, result: ExecutionResult): void {
  connection.send(`{"id":${JSON.stringify(id)},"type":"next","payload":${textOf(shown(result))}}`)
}

/** `extensions.http` speaks to HTTP alone. */
function shown(result: ExecutionResult): object {
  if (!result.errors || hasText(result)) return result
  return { ...result, errors: result.errors.map(shownError) }
}

function shownError(error: GraphQLError) {
  const { extensions, ...formatted } = error.toJSON()
  const { http: _http, ...rest } = extensions ?? {}
  return { ...formatted, extensions: rest }
}

/** After an error the operation has ended, and nothing of it is sent any more. */
function sendErrors(
  deps: WebSocketOperationsDeps,
  connection: Connection,
  { errors, requestId, ...begun }: Begun & { errors: readonly unknown[] },
): void {
  const known = connection.running.get(begun.id)
  if (known && known !== begun.running) return
  connection.running.delete(begun.id)
  const audience = { requestId, log: deps.log, count: deps.countError }
  const payload = errors.map((error) => shownError(presentError(error, audience)))
  connection.send(JSON.stringify({ id: begun.id, type: 'error', payload }))
}

function complete(connection: Connection, begun: Pick<Begun, 'id' | 'running'>): void {
  if (!isRunning(connection, begun)) return
  connection.running.delete(begun.id)
  connection.send(JSON.stringify({ id: begun.id, type: 'complete' }))
}

/** The client wants no more of it; what is under way for it is let go, and nothing is sent. */
export function endOperation({ running }: Connection, id: string): void {
  const ended = running.get(id)
  running.delete(id)
  ended?.stop()
}
