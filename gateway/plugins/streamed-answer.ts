import type { ExecutionResult } from 'graphql'
import { hasText } from '../live/shared-text.ts'

/** The parts of a runtime that an answer is made of. */
export type StreamFetchAPI = {
  Response: typeof Response
  ReadableStream: typeof ReadableStream
}

/** How one protocol words a stream of results. */
export type StreamWords<Item> = {
  headers: Readonly<Record<string, string>>
  /** Sent at once: some browsers tell their page of the answer only when its first byte arrives. */
  opening: string
  /** Null where the stream is too short to need one. */
  heartbeat: string | null
  event: (item: Item) => string
  closing: string
}

/** What a stream is sent with. */
export type StreamedWith<Item> = {
  words: StreamWords<Item>
  keepAliveMs: number
  /** Aborts when the reader is gone. */
  gone: AbortSignal
  status: number
}

/** Of every answer that goes on: nobody on the way may gather, keep or change it. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache, no-transform',
  'content-encoding': 'none',
  // Proxies of the nginx family would otherwise gather events before they send them on.
  'x-accel-buffering': 'no',
}

/** Whether a result is a stream of results. */
export function isStream<Item>(value: unknown): value is AsyncIterable<Item> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** A stream of what is known already. */
export async function* streamOf<Item>(item: Item): AsyncGenerator<Item, void, void> {
  yield item
}

/** Errors of the document are told in a stream that opened; those of the asker are HTTP's. */
export function statusOf({ errors }: ExecutionResult): number {
  const statuses = (errors ?? []).map((error) => {
    const { http } = (error.extensions ?? {}) as { http?: { status?: number; spec?: boolean } }
    return http?.spec ? 200 : (http?.status ?? 200)
  })
  return Math.max(200, ...statuses)
}

/** `extensions.http` speaks to HTTP alone. */
export function withoutHttp<Result extends Pick<ExecutionResult, 'errors'>>(item: Result): Result {
  if (!item.errors || hasText(item)) return item
  const errors = item.errors.map((error) => {
    const plain = error.toJSON ? error.toJSON() : error
    const { http: _http, ...extensions } = plain.extensions ?? {}
    return { ...plain, extensions }
  })
  return { ...item, errors }
}

/**
 * Sends results one by one, each taken when the one before went out, until the stream ends or its
 * reader is gone; heartbeats go out only where nothing waits for the reader.
 */
export function streamedAnswer<Item>(
  stream: AsyncIterable<Item>,
  { Response, ReadableStream }: StreamFetchAPI,
  { words, keepAliveMs, gone, status }: StreamedWith<Item>,
): Response {
  const encoder = new TextEncoder()
  const iterator = stream[Symbol.asyncIterator]()
  let beating: NodeJS.Timeout | undefined
  // Whoever carries the answer may just stop reading when its client is gone.
  const stop = () => {
    ended()
    void iterator.return?.()
  }
  const ended = () => {
    clearInterval(beating)
    gone.removeEventListener('abort', stop)
  }
  gone.addEventListener('abort', stop, { once: true })
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(words.opening))
      beating = heartbeats(controller, encoder.encode(words.heartbeat ?? ''), keepAliveMs)
    },
    async pull(controller) {
      const step = await iterator.next().catch((failure: unknown) => {
        ended()
        throw failure
      })
      if (!step.done) return controller.enqueue(encoder.encode(words.event(step.value)))
      ended()
      controller.enqueue(encoder.encode(words.closing))
      controller.close()
    },
    cancel: stop,
  })
  // Gone while the stream was opened: nobody would call again.
  if (gone.aborted) stop()
  return new Response(body, { status, headers: { ...STREAM_HEADERS, ...words.headers } })
}

function heartbeats(
  controller: ReadableStreamDefaultController<Uint8Array>,
  heartbeat: Uint8Array,
  everyMs: number,
): NodeJS.Timeout | undefined {
  if (heartbeat.byteLength === 0) return undefined
  return setInterval(() => {
    if ((controller.desiredSize ?? 0) > 0) controller.enqueue(heartbeat)
  }, everyMs)
}
