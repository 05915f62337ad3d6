import type { DeliveryFormat } from '../engine/incremental/incremental-result.ts'

/** Ways to be answered in several parts that a request accepts; the first named of its kind wins. */
export type AcceptedStreams = {
  subscription: 'event-stream' | 'multipart' | null
  delivery: DeliveryFormat | null
  /** An answer in one piece will do. */
  isWholeAccepted: boolean
}

type Range = { type: string; parameters: ReadonlyMap<string, string> }

const LONGEST = 1024

function rangesOf(accept: string): Range[] {
  return accept
    .slice(0, LONGEST)
    .toLowerCase()
    .replaceAll(/[\s"']/g, '')
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';')
      const pairs = parameters.map((parameter) => parameter.split('=', 2))
      return { type, parameters: new Map(pairs.map(([name = '', value = '']) => [name, value])) }
    })
    .filter(({ parameters }) => Number(parameters.get('q') ?? 1) > 0)
}

const EVENT_STREAM: ReadonlySet<string> = new Set(['text/event-stream', 'text/*', '*/*'])

function subscriptionIn({ type, parameters }: Range): AcceptedStreams['subscription'] {
  if (EVENT_STREAM.has(type)) return 'event-stream'
  const isMultipart = type === 'multipart/mixed' && parameters.get('subscriptionspec') === '1.0'
  return isMultipart ? 'multipart' : null
}

function deliveryIn({ type, parameters }: Range): DeliveryFormat | null {
  if (type !== 'multipart/mixed') return null
  if (parameters.get('deferspec') === '20220824') return '20220824'
  return parameters.get('incrementalspec') === 'v0.2' ? 'v0.2' : null
}

function firstOf<Found>(ranges: readonly Range[], find: (range: Range) => Found | null) {
  for (const range of ranges) {
    const found = find(range)
    if (found !== null) return found
  }
  return null
}

/** Reads an `Accept` header as far as it speaks of streams. */
export function acceptedStreams(accept: string | null): AcceptedStreams {
  const ranges = rangesOf(accept ?? '*/*')
  return {
    subscription: firstOf(ranges, subscriptionIn),
    delivery: firstOf(ranges, deliveryIn),
    isWholeAccepted: ranges.some(({ type }) => /json|\*\/\*|application\/\*/.test(type)),
  }
}
