import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import type { Seeing } from '../seeing/seeing.ts'
import type { FactsOfRequests } from './request-facts.ts'

/** Looks at each request to the endpoint from its arrival until it is answered. */
export function useSeenRequests(seeing: Seeing, facts: FactsOfRequests, endpoint: string): Plugin {
  return {
    onRequest({ request, url, serverContext }) {
      if (url.pathname !== endpoint) return
      const { req } = (serverContext ?? {}) as { req?: IncomingMessage }
      seeing.beginRequest(facts.of(request), req)
    },
    onResponse({ request, response }) {
      seeing.answered(facts.of(request), response.status)
    },
  }
}
