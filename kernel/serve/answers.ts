import { asRefusal, isOutageCode } from '../db/errors.ts'

/** A JSON answer of a route. */
export function jsonAnswer(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  })
}

/**
 * A coded refusal of a route; anything else is a bug and is thrown on. That the database cannot serve
 * now is 503 on every route: it says nothing of what was asked.
 */
export function refusalAnswer(failure: unknown, status: number): Response {
  const refusal = asRefusal(failure)
  if (!refusal) throw failure
  const { code, message } = refusal
  return jsonAnswer({ code, message }, isOutageCode(code) ? 503 : status)
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
