import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import type { GraphQLSchema } from 'graphql'

/** What clients see of a supergraph. @throws what composition complains of */
export function apiSchemaOf(sdl: string): GraphQLSchema {
  const supergraph = Supergraph.build(sdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  return supergraph.apiSchema().toGraphQLJSSchema()
}
