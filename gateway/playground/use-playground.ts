import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Plugin } from 'graphql-yoga'
import type { PlaygroundOptions } from './page.ts'

type Ready = {
  html: string
  zipped: Uint8Array<ArrayBuffer>
  etag: string
  contentSecurityPolicy: string
}

const zip = promisify(gzip)

/** GraphiQL at the endpoint, for browsers that come by their address bar. */
export function usePlayground(options: PlaygroundOptions): Plugin {
  // Nine megabytes: loaded and made at the first visit, compressed once, then compared by its tag.
  let ready: Promise<Ready> | null = null
  return {
    async onRequest({ request, url, endResponse, fetchAPI }) {
      const wantsHtml = request.headers.get('accept')?.includes('text/html') ?? false
      if (request.method !== 'GET' || url.pathname !== options.endpoint || !wantsHtml) return
      ready ??= prepare(options)
      const page = await ready
      const headers = headersOf(page)
      if (request.headers.get('if-none-match') === page.etag) {
        return endResponse(new fetchAPI.Response(null, { status: 304, headers }))
      }
      const takesGzip = request.headers.get('accept-encoding')?.includes('gzip') ?? false
      endResponse(
        takesGzip
          ? new fetchAPI.Response(page.zipped, {
              headers: { ...headers, 'content-encoding': 'gzip' },
            })
          : new fetchAPI.Response(page.html, { headers }),
      )
    },
  }
}

async function prepare(options: PlaygroundOptions): Promise<Ready> {
  const { renderPlayground } = await import('./page.ts')
  const { html, contentSecurityPolicy } = renderPlayground(options)
  const etag = `"${createHash('sha256').update(html).digest('base64url')}"`
  return { html, zipped: new Uint8Array(await zip(html)), etag, contentSecurityPolicy }
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
