import type { ExecutionResult } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { gatewayError } from '../errors.ts'
import { acceptedStreams } from '../plugins/accepted-streams.ts'
import type { FactsOfRequests } from '../plugins/request-facts.ts'
import type { HttpDoor } from '../server.ts'
import type { GatewaySettings } from '../settings.ts'
import { answerBatch, type BatchDeps } from './answer-batch.ts'

const BATCH = Symbol('batch')

/** Stands in the place of a list while it passes what looks at single operations. */
type InPlace = GraphQLParams & { [BATCH]: readonly unknown[] }

const inPlaceOf = (list: readonly unknown[]): InPlace => ({ query: '', [BATCH]: list })

function batchIn(params: GraphQLParams): readonly unknown[] | null {
  return typeof params === 'object' && params !== null ? ((params as InPlace)[BATCH] ?? null) : null
}

function checkList(list: readonly unknown[], request: Request, mostOperations: number): void {
  const { isWholeAccepted } = acceptedStreams(request.headers.get('accept'))
  if (mostOperations < 2 || !isWholeAccepted) throw gatewayError('BATCHING_NOT_SUPPORTED')
  if (list.length === 0 || list.length > mostOperations)
    throw gatewayError('BATCH_LIMIT', { allowed: mostOperations, found: list.length })
}

/**
 * Several operations in one request, as a list; answered as a list. (Yoga's own batching runs changes
 * beside each other, and lets all share what is known of a request.)
 */
export function useBatches(
  facts: FactsOfRequests,
  deps: BatchDeps & { settings: Pick<GatewaySettings, 'mostOperations'> },
): Plugin {
  let door: HttpDoor
  return {
    onYogaInit({ yoga }) {
      // The server within the door: the same pipeline.
      door = yoga as unknown as HttpDoor
    },
    onRequestParse: ({ request }) => ({
      onRequestParseDone({ requestParserResult: list, setRequestParserResult }) {
        if (!Array.isArray(list)) return
        checkList(list, request, deps.settings.mostOperations)
        setRequestParserResult(inPlaceOf(list))
      },
    }),
    async onParams({ params, request, setResult }) {
      const list = batchIn(params)
      if (!list) return
      const sender = { door, facts: facts.of(request), gone: request.signal }
      // Yoga writes lists of results, though its type says one.
      setResult((await answerBatch(deps, sender, list)) as unknown as ExecutionResult)
    },
  }
}
