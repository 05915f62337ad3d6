import type { Plugin } from 'graphql-yoga'

/** What has to be true for all to work; each named part says whether it is, and why it is not. */
export type ReadinessReport = {
  status: 'ready' | 'degraded' | 'not ready'
  checks: Readonly<Record<string, boolean>>
  reasons: Readonly<Record<string, string>>
  /** Milliseconds that another's clock is ahead of this gateway's, by name. */
  clockOffsets: Readonly<Record<string, number>>
}

/** `/health`: the process lives. `/ready`: requests should come here (200), or not (503). */
export function useHealth(readiness: () => Promise<ReadinessReport>): Plugin {
  return {
    async onRequest({ url, request, endResponse, fetchAPI }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      if (url.pathname === '/health') endResponse(fetchAPI.Response.json({ status: 'alive' }))
      if (url.pathname !== '/ready') return
      const report = await readiness()
      const status = report.status === 'not ready' ? 503 : 200
      endResponse(fetchAPI.Response.json(report, { status }))
    },
  }
}
