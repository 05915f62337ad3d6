import { type createServiceTokenVerifier, SERVICE_TOKEN_HEADER } from '../auth/service-token.ts'
import { anonymousViewer } from '../auth/viewer.ts'
import { asRefusal } from '../db/errors.ts'
import type { DomainError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Logger } from '../log.ts'
import type { Route, RouteRequest } from '../service/subgraph.ts'
import type { SubgraphFetch } from '../service/subgraph-fetch.ts'
import { jsonAnswer, refusalAnswer } from './answers.ts'
import { serveError } from './errors.ts'
import { readBody } from './read-body.ts'

const MOST_BODY_BYTES = 4_194_304

type Verifier = ReturnType<typeof createServiceTokenVerifier>

export type RouterDeps = {
  routes: readonly Route[]
  verifier: Verifier
  log: Logger
  /** Ends when the service drains; running streams end with it. */
  draining: AbortSignal
}

/** Of refusals at the door, before a route has the request: a caller may rely on that. */
const AT_THE_DOOR: Readonly<Record<string, number>> = {
  SERVICE_BODY_TOO_LARGE: 413,
  SERVICE_BODY_INVALID: 400,
  SERVICE_CALLER_REFUSED: 403,
  SERVICE_DRAINING: 503,
  SERVICE_TOKEN_WINDOW_FULL: 503,
}

const doorStatusOf = (code: string) =>
  AT_THE_DOOR[code] ?? (code.startsWith('SERVICE_TOKEN_') ? 401 : 422)

/** Details are for the caller, such as this service's time; whoever drains wants its connection back. */
function refuseAtTheDoor({ code, message, extensions }: DomainError): Response {
  const answer = jsonAnswer({ ...extensions, message }, doorStatusOf(code))
  if (code === 'SERVICE_DRAINING') answer.headers.set('connection', 'close')
  return answer
}

/** A refusal that a route was itself given by another service is not one of this service's door. */
function refuseByRoute(failure: DomainError): Response {
  return refusalAnswer(failure, failure.code === 'SERVICE_BODY_INVALID' ? 400 : 422)
}

function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id') ?? ''
  return /^[\w-]{1,64}$/.test(given) ? given : newId()
}

/** Who calls a route: everybody on a public one, else whoever the service token names. */
function identify(
  route: Route,
  verifier: Verifier,
  { request, body }: { request: Request; body: string },
): Pick<RouteRequest, 'caller' | 'viewer'> {
  if (route.access === 'public') {
    return { caller: null, viewer: anonymousViewer(requestIdOf(request)) }
  }
  const { caller, viewer } = verifier.verify(request.headers.get(SERVICE_TOKEN_HEADER), body)
  if (!route.access.some((name) => name === caller)) throw serveError('SERVICE_CALLER_REFUSED')
  return { caller, viewer }
}

type Entered = Pick<RouteRequest, 'caller' | 'viewer' | 'body'>

/** What is refused here was not begun. */
async function enter(deps: RouterDeps, route: Route, request: Request): Promise<Entered> {
  const isTooLate = deps.draining.aborted && route.access !== 'public'
  // Read in any case: a connection that is closed with something unread is reset, and its answer lost.
  const body = await readBody(request, MOST_BODY_BYTES)
  if (isTooLate) throw serveError('SERVICE_DRAINING')
  return { ...identify(route, deps.verifier, { request, body }), body }
}

function handle(deps: RouterDeps, route: Route, asked: { request: Request; entered: Entered }) {
  const { headers, signal: askerSignal, url } = asked.request
  const signal = AbortSignal.any([askerSignal, deps.draining])
  return route.handle({ ...asked.entered, headers, askerSignal, signal, url: new URL(url) })
}

/** Every request of a subgraph: find the route, read the body, check the token, answer. */
export function createRouter(deps: RouterDeps): SubgraphFetch {
  const table = new Map(deps.routes.map((route) => [`${route.method} ${route.path}`, route]))

  return async (request) => {
    const route = table.get(`${request.method} ${new URL(request.url).pathname}`)
    if (!route) return jsonAnswer({ code: 'NOT_FOUND' }, 404)
    let refuse = refuseAtTheDoor
    try {
      const entered = await enter(deps, route, request)
      refuse = refuseByRoute
      return await handle(deps, route, { request, entered })
    } catch (failure) {
      const refusal = asRefusal(failure)
      if (refusal) return refuse(refusal)
      // Whoever asked has left, and nobody hears the answer.
      if (request.signal.aborted) return jsonAnswer({ code: 'ASKER_GONE' }, 499)
      deps.log.error({ err: failure, requestId: requestIdOf(request) }, 'a route failed')
      return jsonAnswer({ code: 'INTERNAL_SERVER_ERROR' }, 500)
    }
  }
}
