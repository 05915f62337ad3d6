import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import type { ClientOf } from '../access/client-of.ts'
import type { FactsOfRequests } from './request-facts.ts'

const HEADER = 'x-request-id'
const REQUEST_ID = /^[\w-]{1,64}$/

/** The id that a client offers, if it is harmless, else a new one. */
export const requestIdFrom = (offered: string, newRequestId: () => string): string =>
  REQUEST_ID.test(offered) ? offered : newRequestId()

/**
 * Takes a client's request id if it is harmless, makes one otherwise, and always answers with it.
 * Here too the client's address is seen, before anything else can answer.
 */
export function useRequestId(
  facts: FactsOfRequests,
  { newRequestId, clientOf }: { newRequestId: () => string; clientOf: ClientOf },
): Plugin {
  return {
    onRequest({ request, serverContext }) {
      const offered = request.headers.get(HEADER) ?? ''
      const requestId = requestIdFrom(offered, newRequestId)
      const { req } = (serverContext ?? {}) as { req?: IncomingMessage }
      facts.begin(request, { requestId, client: clientOf(req) })
    },
    onResponse({ request, response }) {
      response.headers.set(HEADER, facts.of(request).requestId)
    },
  }
}
