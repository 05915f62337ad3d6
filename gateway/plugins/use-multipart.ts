import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
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

/** What stands around the parts of an answer. A part is seen whole when its delimiter came. */
export function multipartWords<Item>(
  { boundary, parameters }: { boundary: string; parameters: string },
  bodyOf: (item: Item) => unknown,
): Omit<StreamWords<Item>, 'heartbeat'> {
  const type = `multipart/mixed;boundary="${boundary}";${parameters}`
  return {
    headers: { 'content-type': type },
    opening: `\r\n--${boundary}`,
    event: (item) => partOf(bodyOf(item), boundary),
    closing: '--\r\n',
  }
}

function partOf(body: unknown, boundary: string): string {
  return `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(body)}\r\n--${boundary}`
}

const SUBSCRIPTION = { boundary: 'graphql', parameters: 'subscriptionSpec="1.0"' }

/** What says nothing of data speaks of the subscription itself, and is its last word. */
function subscriptionBody(item: ExecutionResult): unknown {
  const shown = withoutHttp(item)
  return 'data' in shown ? { payload: shown } : { payload: null, errors: shown.errors ?? [] }
}

const SUBSCRIPTION_WORDS: StreamWords<ExecutionResult> = {
  ...multipartWords(SUBSCRIPTION, subscriptionBody),
  heartbeat: partOf({}, SUBSCRIPTION.boundary),
}

/**
 * Subscriptions by Apollo's protocol over multipart HTTP (version 1.0): each event in a part of its
 * own as `payload`, `{}` as heartbeat, and what ends the stream as `errors` beside a null payload.
 */
export function useMultipart(facts: FactsOfRequests, live: { keepAliveMs: number }): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      const accepted = acceptedStreams(request.headers.get('accept'))
      if (accepted.subscription !== 'multipart') return
      const isSubscription = isStream(result) && facts.of(request).operation === 'subscription'
      if (!isSubscription && accepted.isWholeAccepted) return
      setResultProcessor((value, fetchAPI) => {
        const stream = isStream<ExecutionResult>(value) ? value : streamOf(value as ExecutionResult)
        return streamedAnswer(stream, fetchAPI as StreamFetchAPI, {
          words: SUBSCRIPTION_WORDS,
          keepAliveMs: live.keepAliveMs,
          gone: request.signal,
          status: isStream(value) ? 200 : statusOf(value as ExecutionResult),
        })
      }, 'multipart/mixed')
    },
  }
}
