import type { Plugin } from 'graphql-yoga'
import type { Who } from '../access/who/who.ts'
import type { FactsOfRequests } from './request-facts.ts'

/** Finds out who asks before the body is read; a bad credential is refused, never ignored. */
export function useIdentity(facts: FactsOfRequests, who: Who): Plugin {
  return {
    async onRequestParse({ request }) {
      const known = facts.of(request)
      known.identity = await who.identify({
        authorization: request.headers.get('authorization'),
        ip: known.client?.ip ?? null,
      })
    },
  }
}
