import type { CalleeTokens } from '#kernel/auth/callee-tokens.ts'
import { SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { AnswerTooLongError, type Exchange } from '#kernel/service/exchange.ts'
import type { Gate } from '#kernel/service/gate.ts'
import { isUnreachable } from '#kernel/service/not-taken.ts'
import { lookIntoWhole, sendAndLook, sendUnderToken } from '#kernel/service/send-under-token.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import { gatewayError } from '../errors.ts'
import type { SubgraphSettings } from '../settings.ts'
import { abortable } from './abortable.ts'
import { answerInvalid, parseAnswer, readAnswer, type SubgraphAnswer } from './answer.ts'
import type { InFlight } from './in-flight.ts'
import type { StreamCall } from './socket-stream.ts'
import { readAnswerStream, type StreamLimits } from './stream.ts'
import { createSubgraphGate, isTimeout } from './subgraph-gate.ts'

/** One operation for one subgraph. */
export type SubgraphRequest = {
  kind: 'query' | 'mutation' | 'subscription'
  query: string
  operationName?: string | undefined
  variables?: Record<string, unknown> | undefined
  extensions?: Record<string, unknown> | undefined
  /** All of it as JSON, where that is at hand. */
  text?: string | undefined
  /** A header, no part of the body; goes before the caller's. */
  traceparent?: string | undefined
}

/** On whose behalf an operation is sent. */
export type SubgraphCaller = {
  viewer: Viewer
  requestId: string
  signal?: AbortSignal | undefined
  /** The trace that the operation belongs to (W3C Trace Context). */
  traceparent?: string | undefined
  /** Equal for all whom the answer to the same query may be told; without it each asks alone. */
  sharedAs?: string | undefined
}

/** Counts what happens on the way. */
export type SubgraphWatch = {
  fetched: (outcome: { subgraph: string; outcome: string; seconds: number }) => void
}

export type SubgraphDeps = {
  name: string
  url: string
  /** For streams. */
  fetch: SubgraphFetch
  /** How subscriptions are asked for; server-sent events where nothing else is said. */
  openStream?: OpenStream | undefined
  /** For everything else. */
  exchange: Exchange
  /** Null where there is no platform. */
  tokens: CalleeTokens | null
  settings: SubgraphSettings
  randomness: Randomness
  log: Logger
  watch: SubgraphWatch
  /** Queries that are under way, of this subgraph and the others. */
  inFlight: InFlight<Received>
  /** Told when a change was answered, or may have been made. */
  changed: () => void
}

/** An answer, parsed for the first who takes it: what is taken may be written into. */
export type Received = { text: string; parsed: SubgraphAnswer | null; cacheControl: string }

/** Subscribes in another way than by server-sent events. */
export type OpenStream = (call: StreamCall) => Promise<AsyncGenerator<SubgraphAnswer>>

/** A subgraph as the gateway sees it: it answers, it streams, or it fails with a code. */
export type Subgraph = {
  name: string
  execute: (request: SubgraphRequest, caller: SubgraphCaller) => Promise<SubgraphAnswer>
  subscribe: (request: SubgraphRequest, caller: SubgraphCaller) => AsyncGenerator<SubgraphAnswer>
}

const JSON_ACCEPT = 'application/graphql-response+json, application/json;q=0.9'

const unreachable = (subgraph: string, cause: unknown) =>
  gatewayError('SUBGRAPH_UNREACHABLE', { subgraph }, { cause })

/** The one way to a subgraph, in this process or elsewhere. */
export function createSubgraph(deps: SubgraphDeps): Subgraph {
  const refuse = (cause: unknown) => unreachable(deps.name, cause)
  const gate = createSubgraphGate({ ...deps, refuse })
  return {
    name: deps.name,
    execute: (request, caller) => execute(deps, gate, { request, caller }),
    subscribe: (request, caller) => subscribe(deps, gate, { request, caller }),
  }
}

type Call = { request: SubgraphRequest; caller: SubgraphCaller }

async function execute(deps: SubgraphDeps, gate: Gate, call: Call): Promise<SubgraphAnswer> {
  const { request, caller } = call
  const body = bodyOf(request)
  const { sharedAs, signal } = caller
  const isShared = sharedAs !== undefined && signal && request.kind === 'query'
  if (!isShared) {
    const received = pass(deps, gate, { ...call, body })
    if (request.kind === 'mutation') await received.finally(deps.changed)
    return take(deps.name, await received)
  }
  const begin = (ending: AbortSignal) =>
    pass(deps, gate, { request, body, caller: { ...caller, signal: ending } })
  const key = `${deps.name} ${deps.url} ${sharedAs} ${body}`
  return take(deps.name, await deps.inFlight.join(key, signal, begin))
}

/** The first takes what was parsed when it came, each further one an answer of their own. */
function take(name: string, received: Received): SubgraphAnswer {
  const { parsed } = received
  received.parsed = null
  const answer = parsed ?? parseAnswer(name, received.text)
  // Only the header says it: what stands in the body is not believed.
  if (received.cacheControl || answer.cacheControl !== undefined)
    answer.cacheControl = received.cacheControl || undefined
  return answer
}

/** The time-out is for all attempts together. */
function pass(deps: SubgraphDeps, gate: Gate, call: Call & { body: string }): Promise<Received> {
  const endsAt = performance.now() + deps.settings.timeoutMs
  const { body, caller, request } = call
  const attempt = () => observed(deps, caller.signal, () => ask(deps, call, { body, endsAt }))
  const isRepeatable = request.kind !== 'mutation'
  return gate.pass({ attempt, isRepeatable, signal: caller.signal })
}

/** The request as JSON; written beforehand where it is always the same but for its variables. */
function bodyOf(request: SubgraphRequest): string {
  if (request.text !== undefined) return request.text
  const { query, operationName, variables, extensions } = request
  return JSON.stringify({ query, operationName, variables, extensions })
}

async function ask(
  deps: SubgraphDeps,
  call: Call,
  { body, endsAt }: { body: string; endsAt: number },
): Promise<Received> {
  const { name, tokens, url, settings } = deps
  const { caller } = call
  const send = (token: string | null) =>
    deps.exchange({
      url,
      headers: headersOf(call, JSON_ACCEPT, token),
      body,
      signal: caller.signal,
      timeoutMs: millisecondsUntil(endsAt),
      mostBytes: settings.answerBytes,
    })
  // Minted per attempt: a token is refused when it is seen twice.
  const asked = { callee: name, body, viewer: caller.viewer }
  const answer = await sendAndLook(tokens, asked, { send, lookInto: lookIntoWhole })
  if (answer.status === 503) throw unreachable(name, undefined)
  const { text, cacheControl } = answer
  return { text, cacheControl, parsed: readAnswer(name, answer) }
}

function headersOf({ request, caller }: Call, accept: string, token: string | null) {
  const { traceparent = caller.traceparent } = request
  return {
    ...{ 'content-type': 'application/json', accept, 'x-request-id': caller.requestId },
    ...(traceparent === undefined ? null : { traceparent }),
    ...(token === null ? null : { [SERVICE_TOKEN_HEADER]: token }),
  }
}

const millisecondsUntil = (instant: number) => Math.max(1, Math.ceil(instant - performance.now()))

async function* subscribe(deps: SubgraphDeps, gate: Gate, call: Call) {
  const closing = new AbortController()
  const signals = call.caller.signal ? [call.caller.signal, closing.signal] : [closing.signal]
  const caller = { ...call.caller, signal: AbortSignal.any(signals) }
  const { timeoutMs, eventBytes, streamIdleMs } = deps.settings
  const limits = { eventBytes, idleMs: streamIdleMs, signal: caller.signal }
  const endsAt = performance.now() + timeoutMs
  const opening = { request: call.request, caller, endsAt, limits }
  try {
    yield* await gate.pass({
      attempt: () => observed(deps, caller.signal, () => open(deps, opening, closing)),
      isRepeatable: true,
      signal: caller.signal,
    })
  } finally {
    closing.abort()
  }
}

type Opening = Call & { endsAt: number; limits: StreamLimits }

/** Opening has the time-out of a query; the stream itself only has its watch for silence. */
async function open(
  deps: SubgraphDeps,
  call: Opening,
  closing: AbortController,
): Promise<AsyncGenerator<SubgraphAnswer>> {
  const opening = new AbortController()
  const timer = setTimeout(
    () => opening.abort(new DOMException('The subgraph took too long.', 'TimeoutError')),
    millisecondsUntil(call.endsAt),
  )
  closing.signal.addEventListener('abort', () => opening.abort(closing.signal.reason), {
    once: true,
  })
  try {
    return await openAnswers(deps, call, opening.signal)
  } finally {
    clearTimeout(timer)
  }
}

async function openAnswers(
  deps: SubgraphDeps,
  call: Opening,
  limit: AbortSignal,
): Promise<AsyncGenerator<SubgraphAnswer>> {
  const { name: subgraph, url, openStream } = deps
  const { limits } = call
  if (!openStream) {
    const response = await send(deps, call, { accept: 'text/event-stream', limit })
    return readAnswerStream(subgraph, response, limits)
  }
  const headers = headersOf(call, JSON_ACCEPT, null)
  const opening = AbortSignal.any([limits.signal, limit])
  return openStream({ subgraph, url, headers, body: bodyOf(call.request), opening, limits })
}

async function send(
  deps: SubgraphDeps,
  call: Call,
  { accept, limit }: { accept: string; limit: AbortSignal },
): Promise<Response> {
  const { request, caller } = call
  const body = bodyOf(request)
  const signal = caller.signal ? AbortSignal.any([caller.signal, limit]) : limit
  const asked = { callee: deps.name, body, viewer: caller.viewer }
  // Minted per attempt: a token is refused when it is seen twice.
  const sending = sendUnderToken(deps.tokens, asked, (token) => {
    const headers = headersOf(call, accept, token)
    return deps.fetch(new Request(deps.url, { method: 'POST', headers, body, signal }))
  })
  const response = await abortable(sending, signal)
  if (response.status !== 503) return response
  await response.body?.cancel()
  throw unreachable(deps.name, undefined)
}

/** Turns the failures of sockets and timers into the codes that clients know. */
function translated(subgraph: string, signal: AbortSignal | undefined, cause: unknown): unknown {
  if (isDomainError(cause)) return cause
  if (signal?.aborted) return signal.reason
  if (cause instanceof AnswerTooLongError) return answerInvalid(subgraph, cause)
  if (isTimeout(cause)) return gatewayError('SUBGRAPH_TIMEOUT', { subgraph }, { cause })
  if (isUnreachable(cause)) return unreachable(subgraph, cause)
  return cause
}

/** Does the work, and tells what became of it. */
async function observed<Result>(
  { name: subgraph, watch }: SubgraphDeps,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const started = performance.now()
  const done = (outcome: string) =>
    watch.fetched({ subgraph, outcome, seconds: (performance.now() - started) / 1000 })
  try {
    const result = await work()
    done('ok')
    return result
  } catch (cause) {
    const failure = translated(subgraph, signal, cause)
    done(isDomainError(failure) ? failure.code : 'aborted')
    throw failure
  }
}
