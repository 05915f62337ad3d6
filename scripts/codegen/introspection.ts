import { preprocessIntrospection } from 'gql.tada/internal'
import { type GraphQLSchema, introspectionFromSchema } from 'graphql'
import { GENERATED } from './header.ts'

/** The schema as a type, from which TypeScript reads the types of documents that nobody generated. */
export function renderIntrospection(schema: GraphQLSchema): string {
  const introspection = introspectionFromSchema(schema, { descriptions: false })
  return `${GENERATED}
/** The API schema as a type. */
export type Introspection = ${preprocessIntrospection(introspection).trim()}
`
}
