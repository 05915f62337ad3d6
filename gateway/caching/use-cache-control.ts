import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { splitIntrospection } from '../engine/split-introspection.ts'
import { contextOf, type OperationContext } from '../plugins/asking.ts'
import type { FactsOfRequests } from '../plugins/request-facts.ts'
import { createCacheNotes } from './cache-notes.ts'

const JSON_ANSWER = /^application\/(graphql-response\+)?json\b/
/** What an answer by GET depends on beside its address. */
const DEPENDS_ON = 'accept, authorization'

type Answered = { context: OperationContext; result: ExecutionResult; request: Request }

/**
 * How long an answer may be kept. By shared caches only what nobody's credential took part in, what
 * everybody is answered alike, and what is asked by the name of its document.
 */
function cacheControlOf({ context, result, request }: Answered): string | null {
  const { filtered, caching, asking } = context
  const isWhole = !(Symbol.asyncIterator in result) && !result.errors && !result.extensions
  if (!isWhole || !filtered || filtered.removedPaths.length > 0) return null
  if (splitIntrospection(filtered).introspection) return null
  const policy = caching?.policy()
  if (!policy) return null
  const hasCredential = request.headers.has('authorization') || request.headers.has('cookie')
  const isPublic = !policy.isPersonal && !hasCredential && asking.facts?.isByName === true
  return `${isPublic ? 'public' : 'private'}, max-age=${policy.maxAgeSeconds}`
}

/**
 * Lets answers to queries by GET be kept as long as all subgraphs that took part allow it; all else
 * stays `no-store`.
 */
export function useCacheControl(facts: FactsOfRequests): Plugin {
  return {
    onExecute({ args }) {
      const asked = contextOf(args)
      const { request } = args.contextValue as { request?: Request }
      const operation = getOperationAST(args.document, args.operationName)?.operation
      if (request?.method !== 'GET' || operation !== OperationTypeNode.QUERY) return
      asked.caching = createCacheNotes()
      return {
        onExecuteDone({ result }) {
          const answered = { context: asked, result: result as ExecutionResult, request }
          facts.of(request).cacheControl = cacheControlOf(answered)
        },
      }
    },
    onResponse({ request, response: { headers, status } }) {
      if (request.method !== 'GET') return
      const { cacheControl } = facts.of(request)
      const isAnswer = status === 200 && JSON_ANSWER.test(headers.get('content-type') ?? '')
      if (cacheControl === null || !isAnswer) return
      headers.set('cache-control', cacheControl)
      headers.append('vary', DEPENDS_ON)
    },
  }
}
