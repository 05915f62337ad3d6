import type { Span } from '@opentelemetry/api'
import type { Client } from '#kernel/auth/client.ts'
import type { Identity } from '../access/who/identity.ts'

/** What is known of a request before its operation is: each plugin adds its part. */
export type RequestFacts = {
  requestId: string
  startedAt: number
  /** Null for a request that no socket carried. */
  client: Client | null
  identity: Identity | null
  wantsQueryPlan: boolean
  wantsCost: boolean
  /** The document was named, not sent. */
  isByName: boolean
  /** A change was asked: what answers it may hold secrets. */
  isChange: boolean
  /** How long the answer may be kept; null: it may not. */
  cacheControl: string | null
  /** Bounded words for metrics. */
  operation: 'query' | 'mutation' | 'subscription' | 'explanation' | 'none'
  outcome: 'ok' | 'partial' | 'error' | 'refused'
  /** Null where no spans are made. */
  span: Span | null
}

/** Facts per request, forgotten with it. */
export type FactsOfRequests = {
  of: (request: Request) => RequestFacts
  begin: (request: Request, facts: Pick<RequestFacts, 'requestId' | 'client'>) => RequestFacts
}

/** What is known of a request at its beginning. */
export const newFacts = (known: Pick<RequestFacts, 'requestId' | 'client'>): RequestFacts => ({
  ...known,
  startedAt: performance.now(),
  identity: null,
  wantsQueryPlan: false,
  wantsCost: false,
  isByName: false,
  isChange: false,
  cacheControl: null,
  operation: 'none',
  outcome: 'ok',
  span: null,
})

/** Shared by the plugins of one gateway. */
export function createFactsOfRequests(newRequestId: () => string): FactsOfRequests {
  const known = new WeakMap<Request, RequestFacts>()
  const begin: FactsOfRequests['begin'] = (request, { requestId, client }) => {
    const facts = newFacts({ requestId, client })
    known.set(request, facts)
    return facts
  }
  return {
    begin,
    of: (request) =>
      known.get(request) ?? begin(request, { requestId: newRequestId(), client: null }),
  }
}
