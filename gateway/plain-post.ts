import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql'
import { type FetchAPI, processRegularResult } from 'graphql-yoga'
import type { Logger } from '#kernel/log.ts'
import type { ClientOf } from './access/client-of.ts'
import type { Who } from './access/who/who.ts'
import type { Compressor } from './compression/compressor.ts'
import { sendAnswer, type WholeBody } from './compression/send-answer.ts'
import type { ResolveDocument } from './documents/resolve-document.ts'
import { resumeOf } from './engine/resume-of.ts'
import { bodyOf } from './engine/shaped-result.ts'
import { type PreparedOperation, prepareOperation } from './live/prepare-operation.ts'
import type { Metrics } from './metrics.ts'
import { type Asking, createAsking } from './plugins/asking.ts'
import { type PlainParams, plainParams } from './plugins/plain-params.ts'
import { newFacts, type RequestFacts } from './plugins/request-facts.ts'
import { JSON_CONTENT_TYPE } from './plugins/use-csrf-prevention.ts'
import { presentResult } from './plugins/use-error-masking.ts'
import { observeRequest, outcomeOf } from './plugins/use-metrics.ts'
import { requestIdFrom } from './plugins/use-request-id.ts'
import { SECURITY_HEADERS } from './plugins/use-security-headers.ts'
import type { WithStatus } from './plugins/use-statuses.ts'
import type { Seeing } from './seeing/seeing.ts'
import type { HttpDoor } from './server.ts'
import type { GatewaySettings } from './settings.ts'

/**
 * Serves a request to the end if it is a plain one: JSON posted by a program, asking for a query or
 * mutation that fits the schema. False: it was not touched, and the whole policy has to see it.
 */
export type PlainPost = (request: IncomingMessage, response: ServerResponse) => boolean

export type PlainPostDeps = {
  door: HttpDoor
  who: Who
  resolve: ResolveDocument
  compressor: Compressor
  withStatus: WithStatus
  clientOf: ClientOf
  settings: GatewaySettings
  metrics: Metrics
  seeing: Seeing
  log: Logger
  newRequestId: () => string
}

/** Answers of these types alone are written here; what else is accepted is the policy's to weigh. */
const ANSWER_TYPES: ReadonlyMap<string, string> = new Map([
  ['application/json', 'application/json'],
  ['application/graphql-response+json', 'application/graphql-response+json'],
  [
    'application/graphql-response+json, application/json;q=0.9',
    'application/graphql-response+json',
  ],
  ['application/graphql-response+json,application/json;q=0.9', 'application/graphql-response+json'],
])
/** Headers that ask for something beyond an answer. */
const UNUSUAL = [
  'origin',
  'last-event-id',
  'x-dbsbm-query-plan',
  'x-dbsbm-cost',
  'content-encoding',
] as const
/** For whoever looks at requests; nobody is answered with it. */
const CLIENT_GONE = 499
const LENGTH = /^\d{1,9}$/

/** The type of the answer, or null where the request is none of the plain ones. */
function answerTypeOf(
  { method, url, headers }: IncomingMessage,
  { endpoint, limits }: GatewaySettings,
): string | null {
  if (method !== 'POST' || url !== endpoint) return null
  if (!JSON_CONTENT_TYPE.test(headers['content-type'] ?? '')) return null
  const length = headers['content-length'] ?? ''
  if (!LENGTH.test(length) || Number(length) > limits.bodyBytes) return null
  if (UNUSUAL.some((name) => headers[name] !== undefined)) return null
  return ANSWER_TYPES.get(headers.accept ?? '') ?? null
}

/** Reads what was announced; null when the client left before it came. */
function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.once('close', () => resolve(null))
  })
}

/** What a body asks, or null for whatever the policy has to refuse or knows more of. */
function paramsIn(body: string): PlainParams | null {
  try {
    return plainParams(JSON.parse(body))
  } catch (failure) {
    if (failure instanceof SyntaxError) return null
    throw failure
  }
}

type Begun = {
  request: IncomingMessage
  response: ServerResponse
  facts: RequestFacts
  answerType: string
}

/** Hands a request whose body was read over to the policy, which answers as if nobody had looked. */
async function handOver({ door }: PlainPostDeps, { request, response }: Begun, body: string) {
  const { headers, url = '/' } = request
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  const again = new Request(`http://${headers.host || 'localhost'}${url}`, {
    ...{ method: 'POST', headers: pairs, body },
  })
  const answer = await door.fetch(again, { req: request, res: response })
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(Buffer.from(await answer.arrayBuffer()))
}

/** As Yoga words a result that carries more than data: its statuses and headers by the errors. */
async function wholeBody({ facts, answerType }: Begun, result: ExecutionResult) {
  const answer = processRegularResult(result, { Response } as FetchAPI, answerType)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const common = { ...SECURITY_HEADERS, 'x-request-id': facts.requestId }
  const headers = { ...common, ...Object.fromEntries(answer.headers) }
  return { status: answer.status, headers, pieces: [bytes] }
}

function bodyOfData({ facts, answerType }: Begun, result: ExecutionResult): WholeBody {
  const pieces = bodyOf(result) ?? [Buffer.from(JSON.stringify({ data: result.data }))]
  const common = { ...SECURITY_HEADERS, 'x-request-id': facts.requestId }
  const headers = { ...common, 'content-type': `${answerType}; charset=utf-8` }
  return { status: 200, headers, pieces }
}

type Ready = { asking: Asking; operation: PreparedOperation }

/** @returns why the asker's credential is refused: it is looked at once, as identity counts tries */
async function identify({ who }: PlainPostDeps, { request, facts }: Begun): Promise<unknown> {
  const { authorization = null } = request.headers
  try {
    facts.identity = await who.identify({ authorization, ip: facts.client?.ip ?? null })
    return null
  } catch (refusal) {
    return refusal
  }
}

/** Null for whatever is refused or streams: that is the policy's. */
async function prepare(
  deps: PlainPostDeps,
  { facts }: Begun,
  params: PlainParams,
): Promise<Ready | null> {
  const { requestId, client, identity } = facts
  if (!identity) throw new Error('An operation without an asker.')
  const asking = createAsking({
    ...{ channel: 'http', requestId, identity, client, facts, wantsQueryPlan: false, gone: null },
    resume: resumeOf(params.extensions),
  })
  const operation = await prepareOperation(deps.door, deps.resolve(params), asking)
  if (Array.isArray(operation)) return null
  const kind = getOperationAST(operation.document, operation.operationName)?.operation
  return kind === 'subscription' ? null : { asking, operation }
}

async function execute({ response }: Begun, { asking, operation }: Ready) {
  const leave = () => asking.abort(new Error('The asker is gone.'))
  response.once('close', leave)
  // Gone while it was made ready: nobody would call again.
  if (response.destroyed) leave()
  const { rootValue, ...args } = operation
  const result = (await rootValue.execute(args)) as ExecutionResult
  response.off('close', leave)
  return result
}

async function answer(deps: PlainPostDeps, begun: Begun, result: ExecutionResult) {
  const { log, metrics, compressor, seeing } = deps
  const { response, facts } = begun
  // Nobody hears it, and that it broke off is no failure.
  if (response.destroyed) return seeing.answered(facts, CLIENT_GONE)
  facts.outcome = outcomeOf(result)
  const audience = { requestId: facts.requestId, log, count: metrics.countError }
  const presented = deps.withStatus(presentResult(result, audience))
  const isPlain = !presented.errors && !presented.extensions
  const body = isPlain ? bodyOfData(begun, presented) : await wholeBody(begun, presented)
  await sendAnswer(compressor, begun, body)
  observeRequest(metrics, facts, response.statusCode)
  seeing.answered(facts, response.statusCode)
}

async function serve(deps: PlainPostDeps, begun: Begun): Promise<void> {
  const body = await readBody(begun.request)
  if (body === null) return
  const params = paramsIn(body)
  if (!params) return handOver(deps, begun, body)
  const refusal = await identify(deps, begun)
  if (refusal !== null) return answer(deps, begun, { errors: [refusal as GraphQLError] })
  // Nothing was executed: whatever is wrong is found and told once more, by the whole policy.
  const ready = await prepare(deps, begun, params).catch(() => null)
  if (!ready) return handOver(deps, begun, body)
  await answer(deps, begun, await execute(begun, ready))
}

/** The quickest way through the gateway, with the rules of the longer one in their order. */
export function createPlainPost(deps: PlainPostDeps): PlainPost {
  const { settings, seeing, newRequestId, clientOf, log } = deps
  const isForPages = settings.corsOrigins === '*' || settings.corsOrigins.length > 0
  return (request, response) => {
    const answerType = isForPages ? null : answerTypeOf(request, settings)
    if (answerType === null) return false
    const requestId = requestIdFrom(String(request.headers['x-request-id'] ?? ''), newRequestId)
    const facts = newFacts({ requestId, client: clientOf(request) })
    seeing.beginRequest(facts, request)
    serve(deps, { request, response, facts, answerType }).catch((err: unknown) => {
      log.error({ err, requestId }, 'the door for plain requests failed')
      response.destroy()
    })
    return true
  }
}
