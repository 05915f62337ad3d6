import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { DeliveryFormat, IncrementalResult } from '../engine/incremental/incremental-result.ts'
import { textOf } from '../live/shared-text.ts'
import { type AcceptedStreams, acceptedStreams } from './accepted-streams.ts'
import type { FactsOfRequests, RequestFacts } from './request-facts.ts'
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
  bodyOf: (item: Item) => string,
): Omit<StreamWords<Item>, 'heartbeat'> {
  const type = `multipart/mixed;boundary="${boundary}";${parameters}`
  return {
    headers: { 'content-type': type },
    opening: `\r\n--${boundary}`,
    event: (item) => partOf(bodyOf(item), boundary),
    closing: '--\r\n',
  }
}

function partOf(body: string, boundary: string): string {
  return `\r\ncontent-type: application/json\r\n\r\n${body}\r\n--${boundary}`
}

const SUBSCRIPTION = { boundary: 'graphql', parameters: 'subscriptionSpec="1.0"' }

/** What says nothing of data speaks of the subscription itself, and is its last word. */
function subscriptionBody(item: ExecutionResult): string {
  const shown = withoutHttp(item)
  if ('data' in shown) return `{"payload":${textOf(shown)}}`
  return JSON.stringify({ payload: null, errors: shown.errors ?? [] })
}

const SUBSCRIPTION_WORDS: StreamWords<ExecutionResult> = {
  ...multipartWords(SUBSCRIPTION, subscriptionBody),
  heartbeat: partOf('{}', SUBSCRIPTION.boundary),
}

const DELIVERY: Readonly<Record<DeliveryFormat, string>> = {
  '20220824': 'deferSpec=20220824',
  'v0.2': 'incrementalSpec=v0.2',
}

/** Each part strips its own errors of what speaks to HTTP. */
function deliveryBody(item: IncrementalResult): string {
  const { incremental, completed } = item
  return JSON.stringify({
    ...withoutHttp(item),
    ...(incremental ? { incremental: incremental.map(withoutHttp) } : {}),
    ...(completed ? { completed: completed.map(withoutHttp) } : {}),
  })
}

/** Bounded by the time of a request: it needs no heartbeat. */
const deliveryWords = (format: DeliveryFormat): StreamWords<IncrementalResult> => ({
  ...multipartWords({ boundary: '-', parameters: DELIVERY[format] }, deliveryBody),
  heartbeat: null,
})

/** The words in which a request takes what it gets in parts. */
function wordsFor(
  { subscription, delivery }: AcceptedStreams,
  operation: RequestFacts['operation'],
): StreamWords<ExecutionResult> | null {
  if (subscription === 'multipart' && (operation === 'subscription' || !delivery))
    return SUBSCRIPTION_WORDS
  if (operation === 'subscription' || !delivery) return null
  // Only results of the kind that was asked for come here.
  return deliveryWords(delivery) as StreamWords<ExecutionResult>
}

/**
 * Subscriptions by Apollo's protocol over multipart HTTP (version 1.0): each event in a part of its
 * own as `payload`, `{}` as heartbeat, and what ends the stream as `errors` beside a null payload.
 * Operations with `@defer` in either format of incremental delivery.
 */
export function useMultipart(facts: FactsOfRequests, live: { keepAliveMs: number }): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      const accepted = acceptedStreams(request.headers.get('accept'))
      const words = wordsFor(accepted, facts.of(request).operation)
      if (!words || (!isStream(result) && accepted.isWholeAccepted)) return
      setResultProcessor((value, fetchAPI) => {
        const stream = isStream<ExecutionResult>(value) ? value : streamOf(value as ExecutionResult)
        return streamedAnswer(stream, fetchAPI as StreamFetchAPI, {
          words,
          keepAliveMs: live.keepAliveMs,
          gone: request.signal,
          status: isStream(value) ? 200 : statusOf(value as ExecutionResult),
        })
      }, 'multipart/mixed')
    },
  }
}
