import type { Plugin } from 'graphql-yoga'
import type { FactsOfRequests } from './request-facts.ts'

const PLAN_HEADER = 'x-dbsbm-query-plan'
const COST_HEADER = 'x-dbsbm-cost'
const TRUSTED = /^(x-dbsbm-|x-forwarded-(user|email|groups|preferred-username|access-token)$)/
const ALSO_TRUSTED = new Set(['x-user-id', 'x-tenant-id', 'x-guild-id', 'x-viewer', 'remote-user'])

/**
 * Headers by which services trust each other never come in from outside. (The transport writes all
 * headers of a subgraph request anew as well: two locks on one door.)
 */
export function useStrippedHeaders(facts: FactsOfRequests): Plugin {
  return {
    onRequest({ request }) {
      facts.of(request).wantsQueryPlan = request.headers.get(PLAN_HEADER) === '1'
      facts.of(request).wantsCost = request.headers.get(COST_HEADER) === '1'
      for (const name of [...request.headers.keys()]) {
        if (TRUSTED.test(name) || ALSO_TRUSTED.has(name)) request.headers.delete(name)
      }
    },
  }
}
