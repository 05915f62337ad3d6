import type { Plugin } from 'graphql-yoga'
import { plainRefusal } from './plain-refusal.ts'

type Paths = { endpoint: string }

const ALLOWED: readonly string[] = ['GET', 'POST']
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

/**
 * What no other plugin answered: the endpoint takes its methods, and all other paths are said to be
 * none. Permissions for pages of others are answered before.
 */
export function usePaths({ endpoint }: Paths): Plugin {
  return {
    onRequest({ url, request, endResponse, fetchAPI }) {
      const path = url.pathname
      if (path === endpoint || path === `${endpoint}/`) {
        if (ALLOWED.includes(request.method)) return
        const headers = { ...JSON_TYPE, allow: ALLOWED.join(', ') }
        const body = plainRefusal('METHOD_NOT_ALLOWED')
        return endResponse(new fetchAPI.Response(body, { status: 405, headers }))
      }
      const body = plainRefusal('PATH_UNKNOWN')
      endResponse(new fetchAPI.Response(body, { status: 404, headers: JSON_TYPE }))
    },
  }
}
