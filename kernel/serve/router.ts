import { type createServiceTokenVerifier, SERVICE_TOKEN_HEADER } from '../auth/service-token.ts'
import { anonymousViewer } from '../auth/viewer.ts'
import { isDomainError } from '../errors.ts'
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

const STATUS_OF: Readonly<Record<string, number>> = {
  SERVICE_BODY_TOO_LARGE: 413,
  SERVICE_BODY_INVALID: 400,
  SERVICE_CALLER_REFUSED: 403,
  SERVICE_DRAINING: 503,
  SERVICE_TOKEN_WINDOW_FULL: 503,
}

function statusOf(failure: unknown): number {
  if (!isDomainError(failure)) return 500
  return STATUS_OF[failure.code] ?? (failure.code.startsWith('SERVICE_TOKEN_') ? 401 : 422)
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

/** Every request of a subgraph: find the route, read the body, check the token, answer. */
export function createRouter({ routes, verifier, log, draining }: RouterDeps): SubgraphFetch {
  const table = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]))

  const answer = async (route: Route, request: Request): Promise<Response> => {
    if (draining.aborted && route.access !== 'public') throw serveError('SERVICE_DRAINING')
    const body = await readBody(request, MOST_BODY_BYTES)
    const who = identify(route, verifier, { request, body })
    const signal = AbortSignal.any([request.signal, draining])
    const { headers, signal: askerSignal } = request
    return route.handle({ ...who, body, headers, askerSignal, signal, url: new URL(request.url) })
  }

  return async (request) => {
    const route = table.get(`${request.method} ${new URL(request.url).pathname}`)
    if (!route) return jsonAnswer({ code: 'NOT_FOUND' }, 404)
    try {
      return await answer(route, request)
    } catch (failure) {
      if (isDomainError(failure)) return refusalAnswer(failure, statusOf(failure))
      log.error({ err: failure, requestId: requestIdOf(request) }, 'a route failed')
      return jsonAnswer({ code: 'INTERNAL_SERVER_ERROR' }, 500)
    }
  }
}
