import type { SubgraphFetch } from '../service/subgraph-fetch.ts'
import { jsonAnswer, refusalAnswer } from './answers.ts'
import { serveError } from './errors.ts'

/** A service's door that stands before the service does: so that whoever looks sees that it is coming. */
export type LateDoor = {
  fetch: SubgraphFetch
  /** What keeps the service from starting, for `/ready`. */
  waitsFor: (reason: string) => void
  /** From now on the service answers. */
  open: (service: SubgraphFetch) => void
}

/** Answers health, and refuses everything else with SERVICE_STARTING, until it is opened. */
export function createLateDoor(name: string): LateDoor {
  let service: SubgraphFetch | null = null
  let reason = 'starting'
  const answer = (request: Request): Response => {
    const { pathname } = new URL(request.url)
    if (pathname === '/health') return jsonAnswer({ status: 'ok', service: name })
    if (pathname === '/ready') {
      return jsonAnswer({ status: 'not ready', service: name, reason }, 503)
    }
    return refusalAnswer(serveError('SERVICE_STARTING'), 503)
  }
  return {
    fetch: async (request) => (service ? service(request) : answer(request)),
    waitsFor: (awaited) => {
      reason = awaited
    },
    open: (opened) => {
      service = opened
    },
  }
}
