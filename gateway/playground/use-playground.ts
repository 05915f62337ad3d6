import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Plugin } from 'graphql-yoga'
import { type PlaygroundOptions, renderPlayground } from './page.ts'

type Ready = { body: Uint8Array<ArrayBuffer>; etag: string; contentSecurityPolicy: string }

const zip = promisify(gzip)

/** GraphiQL at the endpoint, for browsers that come by their address bar. */
export function usePlayground(options: PlaygroundOptions): Plugin {
  // Nine megabytes: made at the first visit, compressed once, and then only compared by its tag.
  let zipped: Promise<Ready> | null = null
  return {
    async onRequest({ request, url, endResponse, fetchAPI }) {
      const wantsHtml = request.headers.get('accept')?.includes('text/html') ?? false
      if (request.method !== 'GET' || url.pathname !== options.endpoint || !wantsHtml) return
      zipped ??= prepare(options)
      const page = await zipped
      const headers = headersOf(page)
      if (request.headers.get('if-none-match') === page.etag) {
        return endResponse(new fetchAPI.Response(null, { status: 304, headers }))
      }
      const takesGzip = request.headers.get('accept-encoding')?.includes('gzip') ?? false
      endResponse(
        takesGzip
          ? new fetchAPI.Response(page.body, {
              headers: { ...headers, 'content-encoding': 'gzip' },
            })
          : new fetchAPI.Response(renderPlayground(options).html, { headers }),
      )
    },
  }
}

async function prepare(options: PlaygroundOptions): Promise<Ready> {
  const { html, contentSecurityPolicy } = renderPlayground(options)
  const etag = `"${createHash('sha256').update(html).digest('base64url')}"`
  return { body: new Uint8Array(await zip(html)), etag, contentSecurityPolicy }
}

function headersOf({ etag, contentSecurityPolicy }: Ready): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy,
    'cache-control': 'no-cache',
    vary: 'accept, accept-encoding',
    etag,
  }
}
