import { createHttpFetch, type HttpFetch } from '#kernel/service/http-fetch.ts'
import type { SubgraphSettings } from '../settings.ts'

/** Streams at most to one origin; each holds a connection for as long as it lasts. */
const MOST_STREAMS = 20_000

/**
 * Keep-alive connections to all subgraphs on HTTP: two pools, because streams that shared one with
 * questions would leave these no connection.
 */
export function createHttpTransport(settings: SubgraphSettings): HttpFetch {
  const { connections, connectTimeoutMs } = settings
  const questions = createHttpFetch({ connections, connectTimeoutMs })
  const streams = createHttpFetch({ connections: MOST_STREAMS, connectTimeoutMs })
  return {
    fetch: (request) => {
      const isStream = request.headers.get('accept') === 'text/event-stream'
      return (isStream ? streams : questions).fetch(request)
    },
    exchange: questions.exchange,
    close: async () => {
      await Promise.all([questions.close(), streams.close()])
    },
  }
}
