import type { GraphQLDataSource } from '@apollo/gateway'
import type { GraphQLFormattedError } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import type { SubgraphAnswer, SubgraphRequest } from '../engine/execute-plan.ts'
import type { Subgraph, SubgraphCaller } from './subgraph.ts'

/** What an executor hands through to the subgraphs. */
export type CallerContext = {
  caller: SubgraphCaller
  /** Asks a subgraph in place of the data source. */
  ask: (subgraph: string, request: SubgraphRequest) => Promise<SubgraphAnswer>
}

/** The request and its document as ApolloGateway gives them. */
type ProcessOptions = Parameters<GraphQLDataSource<CallerContext>['process']>[0]

/** A subgraph as ApolloGateway wants it; failures become errors of the answer, with their codes. */
export function createDataSource(subgraph: Subgraph, log: Logger): GraphQLDataSource {
  return {
    async process(options) {
      const { caller, ask } = options.context as CallerContext
      try {
        const answer = await ask(subgraph.name, requestOf(options as ProcessOptions))
        // Apollo's types ask for mutable GraphQL errors and read plain ones.
        return answer as Awaited<ReturnType<GraphQLDataSource['process']>>
      } catch (failure) {
        return { errors: [describe(failure, caller, log)] } as Awaited<
          ReturnType<GraphQLDataSource['process']>
        >
      }
    },
  }
}

function requestOf(options: ProcessOptions): SubgraphRequest {
  const { query, variables, operationName } = options.request
  return {
    kind: isMutation(options) ? 'mutation' : 'query',
    query: query ?? '',
    variables: variables ?? {},
    operationName,
  }
}

/** Only what is known to be a read is ever sent twice. */
function isMutation(options: ProcessOptions): boolean {
  const document = 'document' in options ? options.document : undefined
  const operations = document?.definitions ?? []
  const kinds = operations.flatMap((node) =>
    node.kind === 'OperationDefinition' ? [node.operation] : [],
  )
  if (kinds.length > 0) return kinds.some((kind) => kind !== 'query')
  return !/^\s*(query\b|\{)/.test(options.request.query ?? '')
}

function describe(failure: unknown, caller: SubgraphCaller, log: Logger): GraphQLFormattedError {
  const { requestId } = caller
  if (isDomainError(failure)) {
    if (failure.cause)
      log.warn({ err: failure.cause, code: failure.code, requestId }, 'fetch failed')
    return { message: failure.message, extensions: { ...failure.extensions } }
  }
  log.error({ err: failure, requestId }, 'unexpected failure of a subgraph fetch')
  return {
    message: 'Unexpected error.',
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  }
}
