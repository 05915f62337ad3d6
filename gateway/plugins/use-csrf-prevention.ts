import type { Plugin } from 'graphql-yoga'
import { gatewayError } from '../errors.ts'

/** Any of these makes a browser ask for permission (preflight) before it sends the request. */
const PREFLIGHT_HEADERS = [
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'x-graphql-yoga-csrf',
]
/** What only a program sends, or a page that asked before. */
export const JSON_CONTENT_TYPE =
  /^application\/(graphql\+)?json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/**
 * Refuses requests that a foreign page could make a browser send without asking (Apollo's guide on
 * CSRF prevention). Only a JSON POST passes without one of the headers: a content type on a GET
 * says nothing, because a browser may add odd ones to it without asking.
 */
export function useCsrfPrevention(): Plugin {
  return {
    onRequestParse({ request }) {
      const isJsonPost =
        request.method === 'POST' &&
        JSON_CONTENT_TYPE.test(request.headers.get('content-type') ?? '')
      if (isJsonPost || PREFLIGHT_HEADERS.some((name) => request.headers.get(name))) return
      throw gatewayError('CSRF_REFUSED')
    },
  }
}
