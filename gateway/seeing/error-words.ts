import { graphqlError } from '#kernel/graphql/errors.ts'
import { serveError } from '#kernel/serve/errors.ts'
import { gatewayError } from '../errors.ts'

const KNOWN: ReadonlySet<string> = new Set([
  'INTERNAL_SERVER_ERROR',
  ...Object.keys(gatewayError.catalogue),
  ...Object.keys(serveError.catalogue),
  ...Object.keys(graphqlError.catalogue),
])

/** For what a subgraph answers with a code of its own: which and how many those are, it alone knows. */
const OF_SUBGRAPH = '(subgraph)'

/** The word for an error in figures: a code of the catalogue, or that it is none. */
export const errorWordOf = (code: unknown): string =>
  typeof code === 'string' && KNOWN.has(code) ? code : OF_SUBGRAPH
