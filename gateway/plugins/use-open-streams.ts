import type { ServerResponse } from 'node:http'
import type { Plugin } from 'graphql-yoga'
import type { OpenStreams } from '../live/open-streams.ts'

const STREAMED = /^(text\/event-stream|multipart\/mixed)/

/** Subscriptions; an answer in parts ends by itself. */
const ENDLESS = /^text\/event-stream|subscriptionspec/i

/** Notes each answer that is an event stream, so that a stopping gateway can let go of it. */
export function useOpenStreams(streams: OpenStreams): Plugin {
  return {
    onResponse({ response, serverContext }) {
      const type = response.headers.get('content-type') ?? ''
      const { res } = (serverContext ?? {}) as { res?: ServerResponse }
      if (res && STREAMED.test(type))
        streams.add(res, ENDLESS.test(type) ? 'subscription' : 'answer')
    },
  }
}
