import type { Plugin } from 'graphql-yoga'
import type { FactsOfRequests } from './request-facts.ts'

const HEADER = 'x-request-id'
const REQUEST_ID = /^[\w-]{1,64}$/

/** Takes a client's request id if it is harmless, makes one otherwise, and always answers with it. */
export function useRequestId(facts: FactsOfRequests, newRequestId: () => string): Plugin {
  return {
    onRequest({ request, serverContext }) {
      const offered = request.headers.get(HEADER) ?? ''
      const requestId = REQUEST_ID.test(offered) ? offered : newRequestId()
      facts.begin(request, { requestId, ip: addressOf(serverContext) })
    },
    onResponse({ request, response }) {
      response.headers.set(HEADER, facts.of(request).requestId)
    },
  }
}

/** The address of the socket: what a forwarding header claims is nobody's word here. */
function addressOf(serverContext: unknown): string | null {
  const { req } = (serverContext ?? {}) as { req?: { socket?: { remoteAddress?: string } } }
  return req?.socket?.remoteAddress ?? null
}
