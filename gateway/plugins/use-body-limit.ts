import type { Plugin } from 'graphql-yoga'
import { gatewayError } from '../errors.ts'

/**
 * Refuses bodies over the bound with BODY_TOO_LARGE: at once where their length is declared, because
 * Node's HTTP parser lets no more than that in; else while they arrive. (Yoga's own bound pipes every
 * body through a second stream, which cost a third of a small request.)
 */
export function useBodyLimit(maximumBytes: number): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      const declared = declaredBytes(request)
      if (declared !== null) {
        if (declared > maximumBytes) throw gatewayError('BODY_TOO_LARGE')
        return
      }
      if (!requestParser || !request.body) return
      setRequestParser(async (arriving) => {
        const { url, method, headers, signal } = arriving
        const body = await readWithin(arriving.body, maximumBytes)
        return requestParser(new fetchAPI.Request(url, { method, headers, signal, body }))
      })
    },
  }
}

function declaredBytes({ headers }: Request): number | null {
  const declared = headers.get('content-length')
  return declared !== null && /^\d+$/.test(declared) ? Number(declared) : null
}

/** A whole body within a bound, for a door that reads one itself. @throws BODY_TOO_LARGE */
export async function readBodyWithin(request: Request, maximumBytes: number): Promise<string> {
  if ((declaredBytes(request) ?? 0) > maximumBytes) throw gatewayError('BODY_TOO_LARGE')
  return readWithin(request.body, maximumBytes)
}

/** What is left of a body that is too large stays unread: letting it go would cut the answer off. */
async function readWithin(stream: Request['body'], maximumBytes: number): Promise<string> {
  const reader = stream?.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const step = await reader?.read()
    if (!step || step.done) return Buffer.concat(chunks).toString('utf8')
    bytes += step.value.byteLength
    if (bytes > maximumBytes) throw gatewayError('BODY_TOO_LARGE')
    chunks.push(step.value)
  }
}
