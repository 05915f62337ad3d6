import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { CriticalityLevel, diff } from '@graphql-inspector/core'
import type { GraphQLSchema } from 'graphql'

/** What clients see of a supergraph. */
export function apiOf(supergraphSdl: string): GraphQLSchema {
  const supergraph = Supergraph.build(supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  return supergraph.apiSchema().toGraphQLJSSchema()
}

/** Changes after which an operation that was right before fails, one sentence each. */
export async function breakingChanges(
  before: GraphQLSchema,
  after: GraphQLSchema,
): Promise<string[]> {
  const changes = await diff(before, after)
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message, path }) => `${CriticalityLevel.Breaking} ${path}: ${message}`)
}
