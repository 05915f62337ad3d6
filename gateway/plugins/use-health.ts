import type { Plugin } from 'graphql-yoga'

/** What has to be true before requests should come here; each named part says whether it is. */
export type ReadinessReport = { isReady: boolean; checks: Readonly<Record<string, boolean>> }

/** `/health`: the process lives. `/ready`: it can do its work. */
export function useHealth(readiness: () => Promise<ReadinessReport>): Plugin {
  return {
    async onRequest({ url, request, endResponse, fetchAPI }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      if (url.pathname === '/health') endResponse(fetchAPI.Response.json({ status: 'alive' }))
      if (url.pathname !== '/ready') return
      const { isReady, checks } = await readiness()
      const body = { status: isReady ? 'ready' : 'not ready', checks }
      endResponse(fetchAPI.Response.json(body, { status: isReady ? 200 : 503 }))
    },
  }
}
