import type { Plugin } from 'graphql-yoga'
import type { Clock } from '#kernel/clock.ts'
import { SHA256_PREFIX } from '../documents/document-id.ts'
import { sha256Of } from '../documents/manifest.ts'
import { gatewayError } from '../errors.ts'
import type { FactsOfRequests } from '../plugins/request-facts.ts'
import { readBodyWithin } from '../plugins/use-body-limit.ts'
import { JSON_CONTENT_TYPE } from '../plugins/use-csrf-prevention.ts'
import { isRecord } from '../transport/answer.ts'
import {
  endingCookie,
  keepingCookie,
  originOf,
  refreshTokenIn,
  SESSION_PATH,
} from './session-cookie.ts'
import { SESSION_DOCUMENTS } from './session-documents.ts'

type SessionDoorDeps = {
  endpoint: string
  facts: FactsOfRequests
  clock: Clock
  /** Sends a request of one's own through the whole pipeline. */
  through: Through
}

type Asked = { document: string; variables?: object; accessToken?: string }
type Told = { status: number; retryAfter: string | null; answer: Record<string, unknown> }
type Ask = (asked: Asked) => Promise<Told>

/** One request to the door, with the way to ask identity in the name of whoever sent it. */
type Call = {
  request: Request
  url: URL
  /** Of the page that sent it: decides how the cookie is called and guarded. */
  origin: URL
  ask: Ask
  clock: Clock
}

const RENEWAL_PATH = `${SESSION_PATH}/renewal`
const LONGEST_BODY = 4_096
/** After these the cookie is of no more use; whatever else fails may hold when it is tried again. */
const OVER: readonly unknown[] = [
  'REFRESH_TOKEN_INVALID',
  'REFRESH_TOKEN_REUSED',
  'SESSION_ENDED',
  'ACCOUNT_SUSPENDED',
]
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

/** The pipeline, for requests that one of its own parts makes. */
export type Through = (request: Request, context: object) => Promise<Response>

/**
 * Sessions of the console. Its refresh token lies in a cookie that no script can read, and comes
 * only here; access tokens are told to the page, which forgets them when it closes.
 * - `POST /console/session`: signs in with the input of `signIn`;
 * - `POST /console/session/renewal`: the next access token, or null where nobody is signed in;
 * - `DELETE /console/session`: signs out, and takes the cookie away once identity has heard of it.
 */
export function useSessionDoor({ endpoint, facts, clock, through }: SessionDoorDeps): Plugin {
  return {
    async onRequest({ request, url, endResponse, serverContext }) {
      const act = doorOf(request.method, url.pathname)
      if (!act) return
      const { requestId } = facts.of(request)
      const way = { through, target: new URL(endpoint, url), requestId }
      const ask = (asked: Asked) => askWithin({ ...way, request, context: serverContext }, asked)
      const call = { request, url, origin: originOf(request, url), ask, clock }
      endResponse(await act(call).catch(refused))
    },
  }
}

function doorOf(method: string, path: string): ((call: Call) => Promise<Response>) | null {
  if (path === SESSION_PATH && method === 'POST') return start
  if (path === RENEWAL_PATH && method === 'POST') return renew
  return path === SESSION_PATH && method === 'DELETE' ? end : null
}

type Within = {
  through: Through
  target: URL
  requestId: string
  request: Request
  context: object
}

/** The question goes the whole way of any other: limits, budgets, figures and masks hold. */
async function askWithin(within: Within, { document, variables, accessToken }: Asked) {
  const { through, target, requestId, request, context } = within
  const inner = new Request(target, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-request-id': requestId,
      ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
    },
    // By its id: a gateway may take no texts.
    body: JSON.stringify({ documentId: SHA256_PREFIX + sha256Of(document), variables }),
    signal: request.signal,
  })
  const { status, headers, ...answer } = await through(inner, context).then(readAnswer)
  return { status, retryAfter: headers.get('retry-after'), answer: answer.body }
}

async function readAnswer(response: Response) {
  const body: unknown = await response.json()
  const { status, headers } = response
  return { status, headers, body: isRecord(body) ? body : {} }
}

const told = (body: object, status = 200, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers: { ...JSON_TYPE, ...headers } })

function refused(failure: unknown): Response {
  if (!(failure instanceof Error) || !('extensions' in failure)) throw failure
  const { message, extensions } = failure
  const isForbidden = isRecord(extensions) && extensions.code === 'CSRF_REFUSED'
  return told({ errors: [{ message, extensions }] }, isForbidden ? 403 : 400)
}

/**
 * Only the console's own page: another of the same site could else renew in its name. Where a browser says
 * nothing of that, the origin that it names must be the host that was asked.
 */
function checkSender({ request: { headers, method }, url, origin }: Call): void {
  const site = headers.get('sec-fetch-site')
  const isJson = method === 'DELETE' || JSON_CONTENT_TYPE.test(headers.get('content-type') ?? '')
  const isOwn = site === null ? origin.host === url.host : site === 'same-origin'
  if (!isJson || !isOwn) throw gatewayError('CSRF_REFUSED')
}

async function readInput(request: Request): Promise<object> {
  const text = await readBodyWithin(request, LONGEST_BODY)
  try {
    const input: unknown = JSON.parse(text)
    if (isRecord(input)) return input
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
  }
  throw gatewayError('BAD_REQUEST')
}

async function start(call: Call): Promise<Response> {
  checkSender(call)
  const input = await readInput(call.request)
  return sessionAnswer(
    call,
    await call.ask({ document: SESSION_DOCUMENTS.start, variables: { input } }),
  )
}

async function renew(call: Call): Promise<Response> {
  checkSender(call)
  const refreshToken = refreshTokenIn(call.origin, call.request.headers.get('cookie'))
  if (refreshToken === null) return told({ data: { session: null } })
  return sessionAnswer(call, await askToRenew(call, refreshToken))
}

const askToRenew = ({ ask }: Call, refreshToken: string) =>
  ask({ document: SESSION_DOCUMENTS.renew, variables: { input: { refreshToken } } })

/**
 * Signs out with a token of its own: that of the page may have expired. Where identity cannot be told,
 * the cookie stays, so that it can be told later.
 */
async function end(call: Call): Promise<Response> {
  checkSender(call)
  const ended = { 'set-cookie': endingCookie(call.origin) }
  const refreshToken = refreshTokenIn(call.origin, call.request.headers.get('cookie'))
  if (refreshToken === null) return told({ data: { isEnded: true } }, 200, ended)
  const renewed = await askToRenew(call, refreshToken)
  const session = sessionIn(renewed)
  if (!session && !isOver(renewed.answer.errors)) return sessionAnswer(call, renewed)
  if (session) {
    const accessToken = String(session.accessToken)
    const { answer, status } = await call.ask({ document: SESSION_DOCUMENTS.end, accessToken })
    if (answer.errors) return told(answer, status, keeping(call, session))
  }
  return told({ data: { isEnded: true } }, 200, ended)
}

/** The cookie of a session that goes on. */
function keeping(
  { origin, clock }: Call,
  session: Record<string, unknown>,
): Record<string, string> {
  const endsAt = Date.parse(String(session.refreshTokenExpiresAt))
  const seconds = (endsAt - clock.now().getTime()) / 1_000
  return { 'set-cookie': keepingCookie(origin, String(session.refreshToken), seconds) }
}

function sessionIn({ answer: { data } }: Told): Record<string, unknown> | null {
  return isRecord(data) && isRecord(data.session) ? data.session : null
}

/** The answer to the page: the session without its refresh token, which goes into the cookie. */
function sessionAnswer(call: Call, answered: Told): Response {
  const session = sessionIn(answered)
  if (!session) {
    const { errors = [] } = answered.answer
    const headers = {
      ...(answered.retryAfter === null ? {} : { 'retry-after': answered.retryAfter }),
      ...(isOver(errors) ? { 'set-cookie': endingCookie(call.origin) } : {}),
    }
    return told({ errors }, answered.status, headers)
  }
  const { refreshToken: _secret, refreshTokenExpiresAt: _end, ...shown } = session
  return told({ data: { session: shown } }, 200, keeping(call, session))
}

function isOver(errors: unknown): boolean {
  return (
    Array.isArray(errors) &&
    errors.some((error) => isRecord(error?.extensions) && OVER.includes(error.extensions.code))
  )
}
