import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'

type FetchAPI = { Response: typeof Response; ReadableStream: typeof ReadableStream }
type Item = ExecutionResult & { extensions?: { cursor?: unknown } }

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'content-encoding': 'none',
  // Proxies of the nginx family would otherwise gather events before they send them on.
  'x-accel-buffering': 'no',
}
const SAFE_ID = /^[\x21-\x7e]{1,1024}$/

/**
 * Subscriptions as GraphQL over SSE (distinct connections mode), each event with its cursor as
 * `id`, so that a client that reconnects can say in `Last-Event-ID` what it saw last.
 */
export function useEventStream({ keepAliveMs }: { keepAliveMs: number }): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      const accepted = request.headers.get('accept') ?? ''
      if (!accepted.includes('text/event-stream')) return
      if (!isStream(result) && /json|\*\/\*/.test(accepted)) return
      setResultProcessor((value, fetchAPI) => {
        const stream = isStream(value) ? value : once(value as Item)
        return toResponse(stream as AsyncIterable<Item>, fetchAPI as FetchAPI, {
          keepAliveMs,
          gone: request.signal,
          status: isStream(value) ? 200 : statusOf(value as Item),
        })
      }, 'text/event-stream')
    },
  }
}

function isStream(value: unknown): value is AsyncIterable<Item> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function* once(item: Item): AsyncGenerator<Item> {
  yield item
}

/** Errors of the document are events of a stream that opened; those of the asker are HTTP's. */
function statusOf({ errors }: Item): number {
  const statuses = (errors ?? []).map((error) => {
    const { http } = (error.extensions ?? {}) as { http?: { status?: number; spec?: boolean } }
    return http?.spec ? 200 : (http?.status ?? 200)
  })
  return Math.max(200, ...statuses)
}

function toResponse(
  stream: AsyncIterable<Item>,
  fetchAPI: FetchAPI,
  { keepAliveMs, gone, status }: { keepAliveMs: number; gone: AbortSignal; status: number },
): Response {
  const encoder = new TextEncoder()
  const iterator = stream[Symbol.asyncIterator]()
  let heartbeat: NodeJS.Timeout
  // Whoever carries the answer may just stop reading when its client is gone.
  const stop = () => {
    clearInterval(heartbeat)
    void iterator.return?.()
  }
  gone.addEventListener('abort', stop, { once: true })
  const body = new fetchAPI.ReadableStream<Uint8Array>({
    start(controller) {
      // Some browsers tell their page of the answer only when its first byte arrives.
      controller.enqueue(encoder.encode(':\n\n'))
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'))
      }, keepAliveMs)
    },
    async pull(controller) {
      const step = await iterator.next()
      if (!step.done) return controller.enqueue(encoder.encode(formatEvent(step.value)))
      clearInterval(heartbeat)
      gone.removeEventListener('abort', stop)
      controller.enqueue(encoder.encode('event: complete\ndata:\n\n'))
      controller.close()
    },
    cancel: stop,
  })
  return new fetchAPI.Response(body, { status, headers: HEADERS })
}

function formatEvent(item: Item): string {
  const cursor = item.extensions?.cursor
  const id = typeof cursor === 'string' && SAFE_ID.test(cursor) ? `id: ${cursor}\n` : ''
  return `event: next\n${id}data: ${JSON.stringify(withoutHttp(item))}\n\n`
}

/** `extensions.http` speaks to HTTP alone. */
function withoutHttp(item: Item): unknown {
  if (!item.errors) return item
  const errors = item.errors.map((error) => {
    const plain = error.toJSON ? error.toJSON() : error
    const { http: _http, ...extensions } = plain.extensions ?? {}
    return { ...plain, extensions }
  })
  return { ...item, errors }
}
