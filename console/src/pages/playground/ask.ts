import { gatewayFacts } from '../../gateway-facts.ts'
import { distrust, sessionState } from '../../session/session.ts'
import { type Answer, errorsIn, readAnswer } from './answer.ts'
import { authorizationOf, type Credential } from './credential.ts'

/** An operation as it is sent, by its text. */
export type Question = {
  text: string
  variables: Record<string, unknown>
  operationName: string | null
  extensions?: Record<string, unknown>
}

export type AskOptions = {
  asker: Credential
  signal: AbortSignal
  headers?: Record<string, string>
}

const PATIENCE_MS = 60_000
const STALE_TOKEN: readonly unknown[] = ['TOKEN_EXPIRED', 'TOKEN_REVOKED']

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
