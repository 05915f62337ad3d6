import type { Identity } from '../access/who/identity.ts'

/** What is known of a request before its operation is: each plugin adds its part. */
export type RequestFacts = {
  requestId: string
  startedAt: number
  ip: string | null
  identity: Identity | null
  wantsQueryPlan: boolean
  /** Bounded words for metrics. */
  operation: 'query' | 'mutation' | 'subscription' | 'none'
  outcome: 'ok' | 'partial' | 'error' | 'refused'
}

/** Facts per request, forgotten with it. */
export type FactsOfRequests = {
  of: (request: Request) => RequestFacts
  begin: (request: Request, facts: Pick<RequestFacts, 'requestId' | 'ip'>) => RequestFacts
}

/** Shared by the plugins of one gateway. */
export function createFactsOfRequests(newRequestId: () => string): FactsOfRequests {
  const known = new WeakMap<Request, RequestFacts>()
  const begin: FactsOfRequests['begin'] = (request, { requestId, ip }) => {
    const facts: RequestFacts = {
      requestId,
      ip,
      startedAt: performance.now(),
      identity: null,
      wantsQueryPlan: false,
      operation: 'none',
      outcome: 'ok',
    }
    known.set(request, facts)
    return facts
  }
  return {
    begin,
    of: (request) => known.get(request) ?? begin(request, { requestId: newRequestId(), ip: null }),
  }
}
