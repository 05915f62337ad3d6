import { initGraphQLTada } from 'gql.tada'
import type { Introspection } from './generated/introspection.ts'

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada'
export { readFragment } from 'gql.tada'

/** Reads a document of one's own: TypeScript knows its result and variables without codegen. */
export const graphql = initGraphQLTada<{
  introspection: Introspection
  disableMasking: true
  scalars: {
    ID: string
    BigInt: string
    DateTime: string
    JSONObject: Record<string, unknown>
  }
}>()
