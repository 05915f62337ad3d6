import type { ServiceKeys } from '../auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '../auth/service-token.ts'
import { serviceViewer, type Viewer } from '../auth/viewer.ts'
import type { Clock } from '../clock.ts'
import { DomainError, isDomainError } from '../errors.ts'
import { newId, type Randomness } from '../ids.ts'
import { pause, withinTimeLimit } from '../time-limit.ts'
import { readServiceAnswer, type ServiceAnswer } from './bounded-answer.ts'
import { serviceError } from './errors.ts'
import { isJsonObject, toRefusal } from './service-refusal.ts'
import type { ServiceAddress } from './subgraph-fetch.ts'

export type ServiceClientDeps = {
  /** Who calls: the name in its tokens. */
  caller: string
  keys: ServiceKeys
  clock: Clock
  randomness: Randomness
  resolve: (callee: string) => ServiceAddress
  /** For each try. */
  timeoutMs: number
  /** Whether the work that calls holds a transaction open: then nothing is called. */
  isInTransaction?: () => boolean
  maxAnswerBytes?: number
  /** Wait before the second try; each further one waits four times as long. */
  retryDelayMs?: number
}

/** A call of an internal route. */
export type ServiceCall = {
  path: `/${string}`
  body: Readonly<Record<string, unknown>>
  /** On whose behalf; by default the caller itself, without reach or scopes. */
  viewer?: Viewer
  /** Allows further tries. It travels as `idempotencyKey` in the body, so the token covers it. */
  idempotencyKey?: string
  signal?: AbortSignal
}

/** A GraphQL query to a subgraph. */
export type ServiceQuery = {
  document: string
  variables?: Readonly<Record<string, unknown>>
  viewer: Viewer
  signal?: AbortSignal
}

export type ServiceClient = {
  /**
   * The JSON of a 2xx answer. Throws the other service's refusal with its own code, or
   * SERVICE_UNREACHABLE, SERVICE_TIMEOUT, SERVICE_ANSWER_INVALID, SERVICE_CALL_IN_TRANSACTION.
   */
  call: (callee: string, call: ServiceCall) => Promise<unknown>
  /** The `data` of an answer without errors; throws as `call` does, and SERVICE_QUERY_EXPECTED. */
  query: (callee: string, query: ServiceQuery) => Promise<Readonly<Record<string, unknown>>>
}

const MAX_TRIES = 3
const DEFAULT_RETRY_DELAY_MS = 50
const DEFAULT_MAX_ANSWER_BYTES = 8_388_608
const QUERY = /^\s*(?:query\b|\{)/

type Outgoing = {
  callee: string
  path: string
  body: string
  viewer: Viewer
  signal: AbortSignal | undefined
  isRepeatable: boolean
}

function toRequestInit(deps: ServiceClientDeps, outgoing: Outgoing): RequestInit {
  const { callee, body, viewer } = outgoing
  return {
    method: 'POST',
    body,
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-request-id': viewer.requestId,
      [SERVICE_TOKEN_HEADER]: mintServiceToken(deps, { caller: deps.caller, callee, body, viewer }),
    },
  }
}

/** One try under its own token: a token is good for one use. */
async function tryOnce(deps: ServiceClientDeps, outgoing: Outgoing): Promise<ServiceAnswer> {
  const { callee, signal } = outgoing
  const { timeoutMs, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = deps
  const onTimeout = () => serviceError('SERVICE_TIMEOUT', { service: callee })
  return await withinTimeLimit({ timeoutMs, onTimeout, signal }, async (limited) => {
    const { url, fetch } = deps.resolve(callee)
    const init = { ...toRequestInit(deps, outgoing), signal: limited }
    try {
      const response = await fetch(new Request(`${url}${outgoing.path}`, init))
      return await readServiceAnswer(callee, response, maxAnswerBytes)
    } catch (cause) {
      if (cause instanceof DomainError) throw cause
      throw serviceError('SERVICE_UNREACHABLE', { service: callee }, { cause })
    }
  })
}

const isServerFailure = ({ status }: ServiceAnswer) => status >= 500

function refusalOf(callee: string, { status, json }: ServiceAnswer): DomainError {
  const code = status >= 500 ? 'SERVICE_UNREACHABLE' : 'SERVICE_ANSWER_INVALID'
  return toRefusal(json) ?? serviceError(code, { service: callee, status })
}

const isTransient = (failure: unknown) =>
  isDomainError(failure, 'SERVICE_UNREACHABLE') || isDomainError(failure, 'SERVICE_TIMEOUT')

/** Half to all of the delay, so that callers refused at once do not return at once. */
function jittered(delayMs: number, randomness: Randomness): number {
  return delayMs * (0.5 + randomness.bytes(1).readUInt8() / 510)
}

async function send(deps: ServiceClientDeps, outgoing: Outgoing): Promise<ServiceAnswer> {
  if (deps.isInTransaction?.()) throw serviceError('SERVICE_CALL_IN_TRANSACTION')
  let delayMs = deps.retryDelayMs ?? DEFAULT_RETRY_DELAY_MS
  for (let tries = 1; ; tries++) {
    const isLast = !outgoing.isRepeatable || tries === MAX_TRIES
    try {
      const answer = await tryOnce(deps, outgoing)
      if (isLast || !isServerFailure(answer)) return answer
    } catch (failure) {
      if (isLast || !isTransient(failure)) throw failure
    }
    await pause(jittered(delayMs, deps.randomness), outgoing.signal)
    delayMs *= 4
  }
}

/** The data of a GraphQL answer; any error in it refuses the whole, since half an answer misleads. */
function dataOf(callee: string, answer: ServiceAnswer): Readonly<Record<string, unknown>> {
  const { json } = answer
  if (!isJsonObject(json)) throw serviceError('SERVICE_ANSWER_INVALID', { service: callee })
  const [error] = Array.isArray(json.errors) ? json.errors : []
  if (error !== undefined) throw refusalOf(callee, { status: answer.status, json: error })
  if (answer.status >= 300 || !isJsonObject(json.data)) throw refusalOf(callee, answer)
  return json.data
}

/** Calls between subgraphs, and from the gateway to internal routes, each under a token of its own. */
export function createServiceClient(deps: ServiceClientDeps): ServiceClient {
  const ownViewer = () =>
    serviceViewer({
      serviceName: deps.caller,
      reach: { kind: 'none' },
      scopes: [],
      requestId: newId(deps.randomness),
    })

  return {
    call: async (callee, { path, body, viewer = ownViewer(), idempotencyKey, signal }) => {
      const text = JSON.stringify(idempotencyKey ? { ...body, idempotencyKey } : body)
      const isRepeatable = idempotencyKey !== undefined
      const answer = await send(deps, { callee, path, body: text, viewer, signal, isRepeatable })
      if (answer.status < 200 || answer.status > 299) throw refusalOf(callee, answer)
      return answer.json
    },
    query: async (callee, { document, variables = {}, viewer, signal }) => {
      if (!QUERY.test(document)) throw serviceError('SERVICE_QUERY_EXPECTED')
      const body = JSON.stringify({ query: document, variables })
      const outgoing = { callee, path: '/graphql', body, viewer, signal, isRepeatable: true }
      return dataOf(callee, await send(deps, outgoing))
    },
  }
}
