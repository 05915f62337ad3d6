import { composeServices } from '@apollo/composition'
import { printSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, parse } from 'graphql'
import { graphqlError } from './errors.ts'

export type SubgraphSdl = { name: string; url: string; sdl: string }

/** A subgraph's schema as text, with its federation directives. */
export function printSubgraph(schema: GraphQLSchema): string {
  return `${printSubgraphSchema(schema).trim()}\n`
}

/** The supergraph of all subgraphs. @throws COMPOSITION_FAILED with every reason */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[]): string {
  const result = composeServices(
    subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
  )
  if (result.supergraphSdl) return `${result.supergraphSdl.trim()}\n`
  const reasons = (result.errors ?? []).map((error) => error.message)
  throw graphqlError('COMPOSITION_FAILED', { reasons })
}
