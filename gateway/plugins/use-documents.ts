import type { Plugin } from 'graphql-yoga'
import { isByName, type ResolveDocument } from '../documents/resolve-document.ts'
import type { FactsOfRequests } from './request-facts.ts'
import { paramsOfUrl } from './url-params.ts'

/** Requests that name their document get it here, before anything looks at it. */
export function useDocuments(facts: FactsOfRequests, resolve: ResolveDocument): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      // Yoga's own parser leaves `documentId` out.
      if (request.method === 'GET') setRequestParser(({ url }) => paramsOfUrl(url))
    },
    onParams({ request, params, setParams }) {
      // What is no object is Yoga's to refuse.
      if (typeof params !== 'object' || params === null) return
      facts.of(request).isByName = isByName(params)
      const resolved = resolve(params)
      if (resolved !== params) setParams(resolved)
    },
  }
}
