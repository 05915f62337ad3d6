import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** One message of an event stream as a client sees it. */
export type StreamEvent = { event: string; id: string | null; data: unknown }

/** A running subscription over SSE. */
export type EventStream = AsyncDisposable & {
  status: number
  events: StreamEvent[]
  /** Resolves when the stream ends; says whether it ended properly. */
  ended: Promise<'complete' | 'cut'>
  cancel: () => void
}

/** Subscribes over SSE by plain fetch, as GraphQL over SSE says (distinct connections). */
export async function openEventStream(
  endpoint: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const controller = new AbortController()
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(body),
    signal: controller.signal,
  })
  const events: StreamEvent[] = []
  const cancel = () => controller.abort()
  return {
    status: response.status,
    events,
    ended: readEvents(response, events),
    cancel,
    [Symbol.asyncDispose]: async () => cancel(),
  }
}

async function readEvents(response: Response, events: StreamEvent[]): Promise<'complete' | 'cut'> {
  let text = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      events.push(...parts.flatMap(parseEvent))
    }
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure
    return 'cut'
  }
  return events.at(-1)?.event === 'complete' ? 'complete' : 'cut'
}

function parseEvent(part: string): StreamEvent[] {
  const fields = new Map(
    part.split('\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
    }),
  )
  const event = fields.get('event')
  if (!event) return []
  const data = fields.get('data')
  return [{ event, id: fields.get('id') ?? null, data: data ? JSON.parse(data) : null }]
}

/** What a client of graphql-ws saw. */
export type SocketClient = Disposable & {
  client: Client
  /** Close codes and reasons, in order. */
  closed: { code: number; reason: string }[]
  subscribe: (query: string, extensions?: Record<string, unknown>) => Subscribed
}

/** One subscription over a WebSocket. */
export type Subscribed = {
  results: Record<string, unknown>[]
  /** `complete`, or the error as the client was told it. */
  ended: Promise<unknown>
  stop: () => void
}

/** A real graphql-ws client that does not retry, so that each close is seen. */
export function openSocketClient(
  url: string,
  connectionParams: Record<string, unknown> = {},
): SocketClient {
  const closed: SocketClient['closed'] = []
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    on: {
      closed: (event) => {
        const { code, reason } = event as { code: number; reason: string }
        closed.push({ code, reason })
      },
    },
  })
  return {
    client,
    closed,
    subscribe(query, extensions) {
      const results: Record<string, unknown>[] = []
      const { promise, resolve } = Promise.withResolvers<unknown>()
      const stop = client.subscribe<Record<string, unknown>>(
        { query, ...(extensions ? { extensions } : {}) },
        {
          next: (result) => void results.push(result as Record<string, unknown>),
          error: resolve,
          complete: () => resolve('complete'),
        },
      )
      return { results, ended: promise, stop }
    },
    [Symbol.dispose]: () => void client.dispose(),
  }
}
