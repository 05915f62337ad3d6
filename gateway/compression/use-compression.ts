import type { Plugin } from 'graphql-yoga'
import type { FactsOfRequests } from '../plugins/request-facts.ts'
import type { Compressor } from './compressor.ts'

const COMPRESSED = /^application\/(graphql-response\+)?json\b/

/**
 * Compresses whole answers to queries for those who take it. An answer to a change is left as it is:
 * it may hold a secret (a token, a key) beside what its asker chose, and its length would tell of it.
 */
export function useCompression(facts: FactsOfRequests, compressor: Compressor): Plugin {
  return {
    async onResponse({ request, response, setResponse, fetchAPI }) {
      const { headers, status, statusText, body } = response
      if (!body || !COMPRESSED.test(headers.get('content-type') ?? '')) return
      for (const [name, value] of Object.entries(compressor.headers)) headers.append(name, value)
      const accepted = request.headers.get('accept-encoding')
      if (facts.of(request).isChange || headers.has('content-encoding')) return
      // Most are told apart before their bytes are touched.
      if (compressor.choose(accepted, Number.MAX_SAFE_INTEGER) === null) return
      const bytes = Buffer.from(await response.arrayBuffer())
      const encoding = compressor.choose(accepted, bytes.length)
      const encoded = encoding && (await compressor.encode(bytes, encoding))
      const sent = encoded?.bytes ?? bytes
      if (encoded) headers.set('content-encoding', encoded.encoding)
      headers.set('content-length', String(sent.length))
      // A buffer over an ordinary ArrayBuffer, which its type does not say.
      const whole = sent as Buffer<ArrayBuffer>
      setResponse(new fetchAPI.Response(whole, { headers, status, statusText }))
    },
  }
}
