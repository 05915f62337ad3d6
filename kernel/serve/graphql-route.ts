import { SUBGRAPH_NAMES } from '../auth/service-names.ts'
import type { Route } from '../service/subgraph.ts'
import type { createGraphqlHandler } from './graphql-handler.ts'

type GraphqlHandler = ReturnType<typeof createGraphqlHandler>

/** `POST /graphql` for the gateway and for other subgraphs. */
export function createGraphqlRoute(handler: GraphqlHandler): Route {
  return {
    method: 'POST',
    path: '/graphql',
    access: ['gateway', ...SUBGRAPH_NAMES],
    handle: async ({ body, url, headers, viewer, signal, askerSignal }) => {
      const request = new Request(url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          accept: headers.get('accept') ?? 'application/json',
        },
        signal: askerSignal,
      })
      return handler.fetch(request, { viewer, askerSignal, streamSignal: signal })
    },
  }
}
