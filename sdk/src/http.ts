import { unlessEnded } from './calls.ts'
import { clientError, type DbsbmError, type PlatformError, platformError } from './errors.ts'

/** What is sent: one operation and what belongs to it. */
export type Question = {
  readonly query: string
  readonly variables?: unknown
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** What came back of one question. */
export type Answer = {
  readonly data: unknown
  readonly errors: readonly PlatformError[]
  readonly extensions: Readonly<Record<string, unknown>>
  readonly requestId: string | null
  readonly status: number
  readonly retryAfter: number | null
}

/** On whose behalf and for how long a question is asked. */
export type Asking = { readonly token: string | null; readonly signal: AbortSignal }

/** Asks once. @throws NETWORK_UNREACHABLE, ANSWER_INVALID, and why the signal was aborted */
export type Post = (question: Question, asking: Asking) => Promise<Answer>

/** Where is asked, and by which `fetch`. */
export type PostOptions = {
  readonly url: string
  readonly fetch: typeof fetch
  readonly headers: Readonly<Record<string, string>>
}

const FIXED = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json, application/json;q=0.9',
}

/** The way to one platform over HTTP. */
export function createPost({ url, fetch, headers }: PostOptions): Post {
  return async (question, { token, signal }) => {
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
    const request: RequestInit = {
      method: 'POST',
      headers: { ...headers, ...FIXED, ...authorization },
      body: JSON.stringify(question),
      signal,
      // Neither cookies nor a token go where somebody redirects to.
      credentials: 'omit',
      redirect: 'error',
    }
    try {
      const answering = fetch(url, request).then(async (response) =>
        read(response, await response.text()),
      )
      // A `fetch` of somebody's own may not listen to the signal.
      return await unlessEnded(answering, signal)
    } catch (failure) {
      if (signal.aborted) throw signal.reason
      if (failure instanceof TypeError || isOfNetwork(failure))
        throw clientError('NETWORK_UNREACHABLE', { cause: failure })
      throw failure
    }
  }
}

/** What breaks while a body is read is no TypeError everywhere. */
const isOfNetwork = (failure: unknown) =>
  failure instanceof Error && (failure.name === 'AbortError' || failure.name === 'NetworkError')

function read(response: Response, text: string): Answer {
  const { status, headers } = response
  const requestId = headers.get('x-request-id')
  const retryAfter = secondsIn(headers.get('retry-after'))
  const body = parse(text)
  if (!isAnswer(body)) throw clientError('ANSWER_INVALID', { status, requestId, retryAfter })
  const { data = null, errors = [], extensions = {} } = body
  return { data, errors, extensions, requestId, status, retryAfter }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}

type Body = Partial<Pick<Answer, 'data' | 'errors' | 'extensions'>>

function isAnswer(body: unknown): body is Body {
  if (typeof body !== 'object' || body === null) return false
  const { data, errors } = body as Record<string, unknown>
  return Array.isArray(errors) ? errors.length > 0 : typeof data === 'object' && !errors
}

/** `Retry-After`: seconds, or the time of day. */
function secondsIn(header: string | null): number | null {
  if (header === null) return null
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : null
}

/** The failure that an answer tells, or null where it is whole. */
export function failureOf({ errors, ...answer }: Answer): DbsbmError | null {
  if (errors.length === 0) return null
  const { data, requestId, status, retryAfter } = answer
  return platformError(errors, { data, requestId, status, retryAfter })
}
