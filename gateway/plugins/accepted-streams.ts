import type { DeliveryFormat } from '../engine/incremental/incremental-result.ts'
import { type AcceptRange, acceptRanges } from './accept-ranges.ts'

/** Ways to be answered in several parts that a request accepts; of each kind the one it likes best. */
export type AcceptedStreams = {
  subscription: 'event-stream' | 'multipart' | null
  delivery: DeliveryFormat | null
  /** An answer in one piece will do. */
  isWholeAccepted: boolean
}

const EVENT_STREAM: ReadonlySet<string> = new Set(['text/event-stream', 'text/*', '*/*'])

function subscriptionIn({ type, parameters }: AcceptRange): AcceptedStreams['subscription'] {
  if (EVENT_STREAM.has(type)) return 'event-stream'
  const isMultipart = type === 'multipart/mixed' && parameters.get('subscriptionspec') === '1.0'
  return isMultipart ? 'multipart' : null
}

function deliveryIn({ type, parameters }: AcceptRange): DeliveryFormat | null {
  if (type !== 'multipart/mixed') return null
  if (parameters.get('deferspec') === '20220824') return '20220824'
  return parameters.get('incrementalspec') === 'v0.2' ? 'v0.2' : null
}

function firstOf<Found>(
  ranges: readonly AcceptRange[],
  find: (range: AcceptRange) => Found | null,
) {
  for (const range of ranges) {
    const found = find(range)
    if (found !== null) return found
  }
  return null
}

/** Reads an `Accept` header as far as it speaks of streams. */
export function acceptedStreams(accept: string | null): AcceptedStreams {
  const ranges = acceptRanges(accept ?? '*/*')
  return {
    subscription: firstOf(ranges, subscriptionIn),
    delivery: firstOf(ranges, deliveryIn),
    isWholeAccepted: ranges.some(({ type }) => /json|\*\/\*|application\/\*/.test(type)),
  }
}
