import { createYoga, type YogaInitialContext } from 'graphql-yoga'
import type { Viewer } from '../auth/viewer.ts'
import type { Resume } from '../events/resume.ts'
import type { RequestContext } from '../graphql/builder.ts'
import { maskError } from '../graphql/mask-error.ts'
import type { Logger } from '../log.ts'
import type { OpenSubgraph, Subgraph } from '../service/subgraph.ts'
import type { InFlight } from './in-flight.ts'
import { useCacheHints } from './use-cache-hints.ts'
import { useCursors } from './use-cursors.ts'

/** What the service knows of a request before GraphQL sees it. */
export type ServerContext = {
  viewer: Viewer
  /** Ends when the asker is gone: what was taken is answered, also while the service drains. */
  askerSignal: AbortSignal
  /** Ends when the service drains, too: a stream must end. */
  streamSignal: AbortSignal
}

type YogaContext = YogaInitialContext & ServerContext & { requestContext: RequestContext }

const LONGEST_CURSOR = 500

/** What is no cursor stays wrong: left out, the feed would go on from now with a hole unsaid. */
const NO_CURSOR = ''

function readResume(extensions: unknown): Resume | null {
  if (typeof extensions !== 'object' || extensions === null) return null
  const { resume = null, orLive } = extensions as { resume?: unknown; orLive?: unknown }
  if (resume === null) return null
  if (typeof resume !== 'string' || resume.length > LONGEST_CURSOR) return NO_CURSOR
  return orLive === true ? { after: resume, orLive } : resume
}

export type HandlerDeps = {
  log: Logger
  /** Counts what a stream does until it has its next result. */
  track: InFlight['track']
}

/** A subgraph's `/graphql`: queries, mutations and SSE streams for requests already verified. */
export function createGraphqlHandler(
  { schema }: Subgraph,
  { createContext }: OpenSubgraph,
  { log, track }: HandlerDeps,
) {
  const contextOf = (requestContext: RequestContext) => ({
    ...createContext(requestContext),
    requestContext,
  })
  const requestContextOf = (context: unknown) => (context as YogaContext).requestContext
  const streamSignalOf = (context: unknown) => (context as YogaContext).streamSignal
  return createYoga<ServerContext>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    batching: false,
    // The router has read the body within its own bound.
    maxRequestBodySize: false,
    cors: false,
    logging: false,
    maskedErrors: { maskError: (failure) => maskError(failure, log) },
    context: ({ viewer, askerSignal, params }) =>
      contextOf({ viewer, signal: askerSignal, resume: readResume(params.extensions) }),
    plugins: [
      useCacheHints(),
      useCursors({
        renewContext: (context) => contextOf(requestContextOf(context)),
        sourceContext: (context) =>
          contextOf({ ...requestContextOf(context), signal: streamSignalOf(context) }),
        signalOf: streamSignalOf,
        present: (failure) => maskError(failure, log),
        track,
      }),
    ],
  })
}
