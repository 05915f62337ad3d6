import type { Plugin } from 'graphql-yoga'
import { plainRefusal } from './plain-refusal.ts'

/** What Yoga answers by a status alone: a body that it cannot read, an answer that it cannot give. */
const WORDLESS: readonly number[] = [406, 415]

/** A refusal without a word says nothing to whoever has to mend it. */
export function useCodedRefusals(): Plugin {
  return {
    onResponse({ response, setResponse, fetchAPI }) {
      if (!WORDLESS.includes(response.status) || response.body) return
      const headers = new fetchAPI.Headers(response.headers)
      headers.set('content-type', 'application/json; charset=utf-8')
      headers.delete('content-length')
      const { status } = response
      setResponse(new fetchAPI.Response(plainRefusal('BAD_REQUEST'), { status, headers }))
    },
  }
}
