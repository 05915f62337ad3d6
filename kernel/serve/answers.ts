import { isDomainError } from '../errors.ts'

/** A JSON answer of a route. */
export function jsonAnswer(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  })
}

/** A coded refusal of a route; anything else is a bug and is thrown on. */
export function refusalAnswer(failure: unknown, status: number): Response {
  if (!isDomainError(failure)) throw failure
  return jsonAnswer({ code: failure.code, message: failure.message }, status)
}

/** An event stream of a route: `events` yields lines ready to send, heartbeats included. */
export function eventStreamAnswer(events: AsyncIterable<string>): Response {
  const iterator = events[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await iterator.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: async () => {
      await iterator.return?.()
    },
  })
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  })
}
