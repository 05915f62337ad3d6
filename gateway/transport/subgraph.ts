import { SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import { gatewayError } from '../errors.ts'
import type { SubgraphSettings } from '../settings.ts'
import { abortable } from './abortable.ts'
import { readAnswer, type SubgraphAnswer } from './answer.ts'
import { isNotReached } from './http.ts'
import { createResilience, type Resilience } from './resilience.ts'
import { readAnswerStream } from './stream.ts'

/** One operation for one subgraph. */
export type SubgraphRequest = {
  kind: 'query' | 'mutation' | 'subscription'
  query: string
  operationName?: string | undefined
  variables?: Record<string, unknown> | undefined
  extensions?: Record<string, unknown> | undefined
}

/** On whose behalf an operation is sent. */
export type SubgraphCaller = { viewer: Viewer; requestId: string; signal?: AbortSignal | undefined }

/** Writes the token for exactly one subgraph and one body; null where there is no platform. */
export type TokenMint = (input: { subgraph: string; body: string; viewer: Viewer }) => string | null

/** Counts what happens on the way. */
export type SubgraphWatch = {
  fetched: (outcome: { subgraph: string; outcome: string; seconds: number }) => void
}

export type SubgraphDeps = {
  name: string
  url: string
  fetch: SubgraphFetch
  mintToken: TokenMint
  settings: SubgraphSettings
  watch: SubgraphWatch
}

/** A subgraph as the gateway sees it: it answers, it streams, or it fails with a code. */
export type Subgraph = {
  name: string
  execute: (request: SubgraphRequest, caller: SubgraphCaller) => Promise<SubgraphAnswer>
  subscribe: (request: SubgraphRequest, caller: SubgraphCaller) => AsyncGenerator<SubgraphAnswer>
}

const JSON_ACCEPT = 'application/graphql-response+json, application/json;q=0.9'

/** The one way to a subgraph, in this process or elsewhere. */
export function createSubgraph(deps: SubgraphDeps): Subgraph {
  const resilience = createResilience(deps.name, deps.settings)
  return {
    name: deps.name,
    execute: (request, caller) => execute(deps, resilience, { request, caller }),
    subscribe: (request, caller) => subscribe(deps, resilience, { request, caller }),
  }
}

type Call = { request: SubgraphRequest; caller: SubgraphCaller }

async function execute(deps: SubgraphDeps, resilience: Resilience, call: Call) {
  const attempt = () =>
    observed(deps, async () => {
      const limit = AbortSignal.timeout(deps.settings.timeoutMs)
      return translated(deps.name, call.caller.signal, async () => {
        const response = await send(deps, call, { accept: JSON_ACCEPT, limit })
        return abortable(readAnswer(deps.name, response, deps.settings.answerBytes), limit)
      })
    })
  return call.request.kind === 'mutation' ? resilience.write(attempt) : resilience.read(attempt)
}

async function* subscribe(deps: SubgraphDeps, resilience: Resilience, call: Call) {
  const closing = new AbortController()
  const signals = call.caller.signal ? [call.caller.signal, closing.signal] : [closing.signal]
  const caller = { ...call.caller, signal: AbortSignal.any(signals) }
  try {
    const response = await resilience.read(() =>
      observed(deps, () => open(deps, { request: call.request, caller }, closing)),
    )
    const limits = { eventBytes: deps.settings.eventBytes, idleMs: deps.settings.streamIdleMs }
    yield* readAnswerStream(deps.name, response, { ...limits, signal: caller.signal })
  } finally {
    closing.abort()
  }
}

/** Opening has the time-out of a query; the stream itself only has its watch for silence. */
async function open(deps: SubgraphDeps, call: Call, closing: AbortController): Promise<Response> {
  const opening = new AbortController()
  const timer = setTimeout(
    () => opening.abort(new DOMException('The subgraph took too long.', 'TimeoutError')),
    deps.settings.timeoutMs,
  )
  closing.signal.addEventListener('abort', () => opening.abort(closing.signal.reason), {
    once: true,
  })
  try {
    return await translated(deps.name, call.caller.signal, () =>
      send(deps, call, { accept: 'text/event-stream', limit: opening.signal }),
    )
  } finally {
    clearTimeout(timer)
  }
}

async function send(
  deps: SubgraphDeps,
  { request, caller }: Call,
  { accept, limit }: { accept: string; limit: AbortSignal },
): Promise<Response> {
  const { kind: _kind, ...payload } = request
  const body = JSON.stringify(payload)
  // Minted per attempt: a token is refused when it is seen twice.
  const token = deps.mintToken({ subgraph: deps.name, body, viewer: caller.viewer })
  const signal = caller.signal ? AbortSignal.any([caller.signal, limit]) : limit
  const headers = {
    'content-type': 'application/json',
    accept,
    'x-request-id': caller.requestId,
    ...(token ? { [SERVICE_TOKEN_HEADER]: token } : {}),
  }
  const asked = deps.fetch(new Request(deps.url, { method: 'POST', headers, body, signal }))
  const response = await abortable(asked, signal)
  if (response.status !== 503) return response
  await response.body?.cancel()
  throw gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: deps.name })
}

/** Turns the failures of sockets and timers into the codes that clients know. */
async function translated<Result>(
  subgraph: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (isDomainError(cause)) throw cause
    if (signal?.aborted) throw signal.reason
    if (isTimeout(cause)) throw gatewayError('SUBGRAPH_TIMEOUT', { subgraph }, { cause })
    if (isNotReached(cause)) throw gatewayError('SUBGRAPH_UNREACHABLE', { subgraph }, { cause })
    throw cause
  }
}

function isTimeout(failure: unknown): boolean {
  return failure instanceof Error && failure.name === 'TimeoutError'
}

async function observed<Result>(deps: SubgraphDeps, work: () => Promise<Result>): Promise<Result> {
  const started = performance.now()
  const done = (outcome: string) =>
    deps.watch.fetched({
      subgraph: deps.name,
      outcome,
      seconds: (performance.now() - started) / 1000,
    })
  try {
    const result = await work()
    done('ok')
    return result
  } catch (failure) {
    done(isDomainError(failure) ? failure.code : 'aborted')
    throw failure
  }
}
