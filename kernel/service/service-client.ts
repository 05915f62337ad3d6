import { type CalleeTokens, createCalleeTokens } from '../auth/callee-tokens.ts'
import type { ServiceKeys } from '../auth/service-keys.ts'
import { SERVICE_TOKEN_HEADER } from '../auth/service-token.ts'
import { serviceViewer, type Viewer } from '../auth/viewer.ts'
import type { Clock } from '../clock.ts'
import { DomainError, isDomainError } from '../errors.ts'
import { newId, type Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import { withinTimeLimit } from '../time-limit.ts'
import { readServiceAnswer, type ServiceAnswer } from './bounded-answer.ts'
import { serviceError } from './errors.ts'
import { createGate, type Gate, type Verdict } from './gate.ts'
import { isNotTaken, NotTakenError } from './not-taken.ts'
import { sendUnderToken } from './send-under-token.ts'
import { isJsonObject, toRefusal } from './service-refusal.ts'
import type { ServiceAddress } from './subgraph-fetch.ts'

export type ServiceClientDeps = {
  /** Who calls: the name in its tokens. */
  caller: string
  keys: ServiceKeys
  clock: Clock
  randomness: Randomness
  log: Logger
  resolve: (callee: string) => ServiceAddress
  /** For a call with all its tries. */
  timeoutMs: number
  /** How long a callee that is not there is waited for; less than the time for the whole. */
  patienceMs?: number
  /** Whether the work that calls holds a transaction open: then nothing is called. */
  isInTransaction?: () => boolean
  maxAnswerBytes?: number
  /** Wait before the second try. */
  retryDelayMs?: number
}

/** A call of an internal route. */
export type ServiceCall = {
  path: `/${string}`
  body: Readonly<Record<string, unknown>>
  /** On whose behalf; by default the caller itself, without reach or scopes. */
  viewer?: Viewer
  /**
   * Allows further tries where the call may have been taken; where it certainly was not it is sent
   * again in any case. It travels as `idempotencyKey` in the body, so the token covers it.
   */
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
  /** Milliseconds by which the clocks of callees are ahead; only of those that are apart. */
  clockOffsets: () => Readonly<Record<string, number>>
}

/** Leaves half a second of the five that a caller has for the answer itself. */
const DEFAULT_PATIENCE_MS = 4_500
const DEFAULT_RETRY_DELAY_MS = 50
const LONGEST_RETRY_DELAY_MS = 500
/** Calls to one callee that wait for it at once. */
const MOST_WAITING = 1_000
const MOST_FAILURES = 10
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

/** What lasts from one call to the next. */
type Line = ServiceClientDeps & { tokens: CalleeTokens; gateOf: (callee: string) => Gate }

/** A callee that answered with a failure of its own: worth another try, and its word in the end. */
class FailedAnswer extends Error {
  override readonly name = 'FailedAnswer'
  readonly answer: ServiceAnswer
  constructor(answer: ServiceAnswer) {
    super(`The service answered ${answer.status}.`)
    this.answer = answer
  }
}

function verdictOf(failure: unknown): Verdict {
  if (failure instanceof FailedAnswer) return 'failing'
  if (!isDomainError(failure)) return 'stopped'
  if (isNotTaken(failure)) return 'away'
  if (failure.code === 'SERVICE_TIMEOUT') return 'slow'
  return failure.code === 'SERVICE_UNREACHABLE' ? 'broken' : 'answered'
}

function createGates({ randomness, log, ...deps }: ServiceClientDeps): Line['gateOf'] {
  const gates = new Map<string, Gate>()
  const settings = {
    patienceMs: Math.min(deps.patienceMs ?? DEFAULT_PATIENCE_MS, deps.timeoutMs),
    firstDelayMs: deps.retryDelayMs ?? DEFAULT_RETRY_DELAY_MS,
    longestDelayMs: LONGEST_RETRY_DELAY_MS,
    mostWaiting: MOST_WAITING,
    mostFailures: MOST_FAILURES,
  }
  return (callee) => {
    const refuse = (cause: unknown) =>
      serviceError('SERVICE_UNREACHABLE', { service: callee }, { cause })
    const known = gates.get(callee)
    if (known) return known
    const gate = createGate({ name: callee, settings, verdictOf, refuse, randomness, log })
    gates.set(callee, gate)
    return gate
  }
}

function toRequestInit({ body, viewer }: Outgoing, token: string | null): RequestInit {
  return {
    method: 'POST',
    body,
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-request-id': viewer.requestId,
      ...(token !== null && { [SERVICE_TOKEN_HEADER]: token }),
    },
  }
}

/** What a try fails with as a coded refusal; what the callee said itself keeps its code. */
function toFailure(callee: string, cause: unknown): DomainError {
  if (cause instanceof DomainError) return cause
  if (cause instanceof NotTakenError && isDomainError(cause.cause)) {
    const { code, message } = cause.cause
    return new DomainError(code, message, { service: callee }, { cause })
  }
  return serviceError('SERVICE_UNREACHABLE', { service: callee }, { cause })
}

/** One try, in what is left of the time; each has tokens of its own: one is good for one use. */
async function tryOnce(line: Line, outgoing: Outgoing, timeoutMs: number): Promise<ServiceAnswer> {
  const { callee, body, viewer, signal } = outgoing
  const { maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = line
  const onTimeout = () => serviceError('SERVICE_TIMEOUT', { service: callee })
  return await withinTimeLimit({ timeoutMs, onTimeout, signal }, async (limited) => {
    const { url, fetch } = line.resolve(callee)
    try {
      const response = await sendUnderToken(line.tokens, { callee, body, viewer }, (token) => {
        const init = { ...toRequestInit(outgoing, token), signal: limited }
        return fetch(new Request(`${url}${outgoing.path}`, init))
      })
      return await readServiceAnswer(callee, response, maxAnswerBytes)
    } catch (cause) {
      throw toFailure(callee, cause)
    }
  })
}

function refusalOf(callee: string, { status, json }: ServiceAnswer): DomainError {
  const code = status >= 500 ? 'SERVICE_UNREACHABLE' : 'SERVICE_ANSWER_INVALID'
  return toRefusal(json) ?? serviceError(code, { service: callee, status })
}

async function send(line: Line, outgoing: Outgoing): Promise<ServiceAnswer> {
  if (line.isInTransaction?.()) throw serviceError('SERVICE_CALL_IN_TRANSACTION')
  const { callee, isRepeatable, signal } = outgoing
  const endsAt = performance.now() + line.timeoutMs
  const attempt = async () => {
    const answer = await tryOnce(line, outgoing, Math.max(1, endsAt - performance.now()))
    if (answer.status >= 500) throw new FailedAnswer(answer)
    return answer
  }
  try {
    return await line.gateOf(callee).pass({ attempt, isRepeatable, signal })
  } catch (failure) {
    if (failure instanceof FailedAnswer) return failure.answer
    throw failure
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
  const { caller, keys, clock, randomness, log } = deps
  const tokens = createCalleeTokens({ caller, keys, clock, randomness, log })
  const line: Line = { ...deps, tokens, gateOf: createGates(deps) }
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
      const answer = await send(line, { callee, path, body: text, viewer, signal, isRepeatable })
      if (answer.status < 200 || answer.status > 299) throw refusalOf(callee, answer)
      return answer.json
    },
    query: async (callee, { document, variables = {}, viewer, signal }) => {
      if (!QUERY.test(document)) throw serviceError('SERVICE_QUERY_EXPECTED')
      const body = JSON.stringify({ query: document, variables })
      const outgoing = { callee, path: '/graphql', body, viewer, signal, isRepeatable: true }
      return dataOf(callee, await send(line, outgoing))
    },
    clockOffsets: tokens.clockOffsets,
  }
}
