import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { textOf } from '../live/shared-text.ts'
import { acceptedStreams } from './accepted-streams.ts'
import type { FactsOfRequests } from './request-facts.ts'
import {
  isStream,
  type StreamFetchAPI,
  type StreamWords,
  statusOf,
  streamedAnswer,
  streamOf,
  withoutHttp,
} from './streamed-answer.ts'

type Item = ExecutionResult & { extensions?: { cursor?: unknown } }

const SAFE_ID = /^[\x21-\x7e]{1,1024}$/

/** GraphQL over SSE, distinct connections mode. */
const WORDS: StreamWords<Item> = {
  headers: { 'content-type': 'text/event-stream' },
  opening: ':\n\n',
  heartbeat: ':\n\n',
  event: formatEvent,
  closing: 'event: complete\ndata:\n\n',
}

/**
 * Subscriptions as GraphQL over SSE (distinct connections mode), each event with its cursor as
 * `id`, so that a client that reconnects can say in `Last-Event-ID` what it saw last.
 */
export function useEventStream(facts: FactsOfRequests, live: { keepAliveMs: number }): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      const accepted = acceptedStreams(request.headers.get('accept'))
      if (accepted.subscription !== 'event-stream') return
      const isOthers = isStream(result)
        ? facts.of(request).operation !== 'subscription'
        : accepted.isWholeAccepted
      if (isOthers) return
      setResultProcessor((value, fetchAPI) => {
        const stream = isStream<Item>(value) ? value : streamOf(value as Item)
        return streamedAnswer(stream, fetchAPI as StreamFetchAPI, {
          words: WORDS,
          keepAliveMs: live.keepAliveMs,
          gone: request.signal,
          status: isStream(value) ? 200 : statusOf(value as Item),
        })
      }, 'text/event-stream')
    },
  }
}

function formatEvent(item: Item): string {
  const cursor = item.extensions?.cursor
  const id = typeof cursor === 'string' && SAFE_ID.test(cursor) ? `id: ${cursor}\n` : ''
  return `event: next\n${id}data: ${textOf(withoutHttp(item))}\n\n`
}
