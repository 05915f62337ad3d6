import type { Ask, AskOptions, ChangeOptions } from './asking.ts'
import { type Call, type Calls, createCalls, unlessEnded } from './calls.ts'
import { type Credentials, tokensFor } from './credentials.ts'
import { operationOfKind } from './documents.ts'
import { clientError, isDbsbmError } from './errors.ts'
import { type Answer, createPost, failureOf, type Post, type Question } from './http.ts'
import { isRepeatable } from './repeatable.ts'
import { repeatedly } from './retries.ts'
import { createSocket, type WebSocketImpl } from './socket.ts'
import { createSubscribe, type Subscribe } from './subscription.ts'
import type { TokenSource } from './tokens.ts'

/** Which platform is asked, by whom, and how patiently. */
export type DbsbmOptions = {
  /** The endpoint, as `https://…/graphql`. */
  readonly url: string
  /** Nobody's where absent. */
  readonly credentials?: Credentials
  /** How long a call may take in all, unless it says otherwise; 30 seconds. */
  readonly timeoutMs?: number
  /** How often a question is repeated that failed in passing; 2. */
  readonly retries?: number
  /** More headers of each request. */
  readonly headers?: Readonly<Record<string, string>>
  /** In place of the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** In place of the global `WebSocket`. */
  readonly webSocketImpl?: WebSocketImpl
  /** Where live updates are; the same place as `url`, unless given. */
  readonly webSocketUrl?: string
}

/** A client of one platform, on behalf of one asker. */
export type Dbsbm = {
  readonly query: Ask<AskOptions>
  readonly mutate: Ask<ChangeOptions>
  /** Live updates, from when the first of them is waited for. */
  readonly subscribe: Subscribe
  /** Ends every call and subscription; the session stays, for who keeps its refresh token. */
  readonly close: () => Promise<void>
}

/** Opens a client; nothing is sent before it is used. @throws OPTIONS_INVALID */
export function createDbsbm(options: DbsbmOptions): Dbsbm {
  const url = urlOf(options.url, /^https?:$/)
  const { timeoutMs = 30_000, retries = 2, fetch = globalThis.fetch } = options
  const headers = sendable(options.headers ?? {})
  const post = createPost({ url: url.href, fetch, headers })
  const tokens = tokensFor(options.credentials, post)
  const calls = createCalls()
  const socketUrl = options.webSocketUrl ?? url.href.replace(/^http/, 'ws')
  const socket = createSocket({
    url: urlOf(socketUrl, /^wss?:$/).href,
    webSocketImpl: options.webSocketImpl,
    tokens,
  })
  const ask = createAsking({ post, tokens, calls, defaults: { timeoutMs, retries } })
  const subscribe = createSubscribe({ socket, tokens })
  return {
    query: ((document: unknown, variables?: unknown, wishes: AskOptions = {}) =>
      ask('query', { document, variables, wishes })) as Ask<AskOptions>,
    mutate: ((document: unknown, variables?: unknown, wishes: ChangeOptions = {}) =>
      ask('mutation', { document, variables, wishes })) as Ask<ChangeOptions>,
    subscribe: subscribe.open,
    async close() {
      calls.close()
      subscribe.close()
      await socket.close()
    },
  }
}

function urlOf(text: string, protocol: RegExp): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && protocol.test(url.protocol) && !url.username && !url.password) return url
  const reason =
    'a URL of http or https for questions, ws or wss for live updates, no password in it'
  throw clientError('OPTIONS_INVALID', { reason })
}

/** Headers that `fetch` takes: it would tell one that it does not, secret and all, in its error. */
function sendable(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    new Headers(headers)
  } catch {
    throw clientError('OPTIONS_INVALID', { reason: 'a header holds what no header can' })
  }
  return headers
}

type Deps = {
  post: Post
  tokens: TokenSource
  calls: Calls
  defaults: { timeoutMs: number; retries: number }
}

type Asked = { document: unknown; variables: unknown; wishes: ChangeOptions }

function createAsking({ post, tokens, calls, defaults }: Deps) {
  const once = createTry(post, tokens)
  return async (kind: 'query' | 'mutation', { document, variables, wishes }: Asked) => {
    const { text } = operationOfKind(document, kind)
    const { signal, extensions, partial = false } = wishes
    const question = { query: text, variables, ...(extensions && { extensions }) }
    const mayRepeat = kind === 'query' || (wishes.idempotent ?? isRepeatable({ text, variables }))
    const retries = mayRepeat ? (wishes.retries ?? defaults.retries) : 0
    const call = calls.begin({ signal, timeoutMs: wishes.timeoutMs ?? defaults.timeoutMs })
    try {
      const answer = await repeatedly(() => once(question, call), { call, retries })
      const failure = failureOf(answer)
      if (partial) return { data: answer.data, failure }
      if (failure) throw failure
      return answer.data
    } finally {
      call.finish()
    }
  }
}

/** Refused because of the token alone: nothing was done yet. */
const STALE = ['TOKEN_EXPIRED', 'TOKEN_REVOKED'] as const

/** One try: with the token of the moment, and where that is refused with one other. */
function createTry(post: Post, tokens: TokenSource) {
  const postAs = async (question: Question, call: Call, token: string | null): Promise<Answer> => {
    const answer = await post(question, { token, signal: call.signal })
    const failure = failureOf(answer)
    // With data the answer is partial: whoever asked decides on it. Without, it is a refusal.
    if (failure && answer.data === null) throw failure
    return answer
  }
  return async (question: Question, call: Call): Promise<Answer> => {
    const token = await unlessEnded(tokens.current(), call.signal)
    try {
      return await postAs(question, call, token)
    } catch (failure) {
      if (token === null || !isDbsbmError(failure, ...STALE)) throw failure
      const other = await unlessEnded(tokens.renew(token), call.signal)
      if (other === null) throw failure
      return postAs(question, call, other)
    }
  }
}
