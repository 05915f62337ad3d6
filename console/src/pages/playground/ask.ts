import { gatewayFacts } from '../../gateway-facts.ts'
import { distrust, sessionState } from '../../session/session.ts'
import { authorizationOf, type Credential } from './credential.ts'

/** An operation as it is sent, by its text. */
export type Question = {
  text: string
  variables: Record<string, unknown>
  operationName: string | null
  extensions?: Record<string, unknown>
}

/** What came back, whatever it was. */
export type Answer = {
  status: number
  ms: number
  bytes: number
  /** Null for what is no JSON. */
  body: Record<string, unknown> | null
  text: string
  /** There was more than is read here. */
  isCut: boolean
}

export type AskOptions = {
  asker: Credential
  signal: AbortSignal
  headers?: Record<string, string>
}

/** One error of an answer. */
export type AnswerError = { message: string; code: string; path: string }

const PATIENCE_MS = 60_000
const MOST_BYTES = 8_000_000
const STALE_TOKEN: readonly unknown[] = ['TOKEN_EXPIRED', 'TOKEN_REVOKED']

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The errors of an answer, as they are listed. */
export function errorsIn(body: Record<string, unknown> | null): readonly AnswerError[] {
  const errors = Array.isArray(body?.errors) ? body.errors : []
  return errors.slice(0, 100).map((error: unknown) => {
    const { message, path, extensions } = isRecord(error) ? error : {}
    const code = isRecord(extensions) && typeof extensions.code === 'string' ? extensions.code : ''
    return { message: String(message), code, path: Array.isArray(path) ? path.join('.') : '' }
  })
}

/** What an answer says beside its data. */
export const extensionsIn = (body: Record<string, unknown> | null): Record<string, unknown> =>
  isRecord(body?.extensions) ? body.extensions : {}

/** The request of a question, for whoever reads its answer. */
export async function send(
  { text, variables, operationName, extensions }: Question,
  { asker, signal, headers }: AskOptions,
): Promise<Response> {
  const named = operationName === null ? {} : { operationName }
  const wishes = extensions ? { extensions } : {}
  return fetch(gatewayFacts.endpoint, {
    method: 'POST',
    credentials: 'omit',
    signal,
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...headers,
      ...(await authorizationOf(asker)),
    },
    body: JSON.stringify({ query: text, variables, ...named, ...wishes }),
  })
}

/** A session whose token was refused brings another once: nothing was done yet. */
export function mayRenew(asker: Credential, body: Record<string, unknown> | null): boolean {
  const state = sessionState.get()
  const isStale = errorsIn(body).some(({ code }) => STALE_TOKEN.includes(code))
  if (asker.kind !== 'session' || state.kind !== 'signed-in' || !isStale) return false
  distrust(state.session.accessToken)
  return true
}

/** Asks once. @throws SessionRefused, or what `fetch` throws: cut off, too slow, stopped */
export async function ask(question: Question, options: AskOptions): Promise<Answer> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const signal = AbortSignal.any([options.signal, patience])
  const answer = await askNow(question, { ...options, signal })
  return mayRenew(options.asker, answer.body) ? askNow(question, { ...options, signal }) : answer
}

async function askNow(question: Question, options: AskOptions): Promise<Answer> {
  const startedAt = performance.now()
  const response = await send(question, options)
  const read = await readAnswer(response)
  return { status: response.status, ms: performance.now() - startedAt, ...read }
}

/** The body of an answer, up to a bound. */
export async function readAnswer(
  response: Response,
): Promise<Pick<Answer, 'bytes' | 'body' | 'text' | 'isCut'>> {
  const decoder = new TextDecoder()
  let [bytes, text, isCut] = [0, '', false]
  const reader = response.body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done || !value) break
    bytes += value.byteLength
    text += decoder.decode(value, { stream: true })
    if (bytes <= MOST_BYTES) continue
    isCut = true
    await reader?.cancel()
    break
  }
  return { bytes, text, isCut, body: isCut ? null : parsed(text) }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text)
    return isRecord(body) ? body : null
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return null
  }
}
