import type { FetchSubgraph } from '../engine/execute-plan.ts'
import type { OperationContext } from '../plugins/asking.ts'

/** The same fetches, each of which tells how long its answer may be kept where somebody wants to know. */
export function notedFetches(
  { caching, loaded }: Pick<OperationContext, 'caching' | 'loaded'>,
  fetchSubgraph: FetchSubgraph,
): FetchSubgraph {
  if (!caching) return fetchSubgraph
  return async (name, request, signal) => {
    const answer = await fetchSubgraph(name, request, signal)
    const { sharing } = request.fetch
      ? loaded.sharing.ofFetch(request.fetch)
      : { sharing: 'viewer' as const }
    caching.note({ cacheControl: answer.cacheControl, sharing })
    return answer
  }
}
