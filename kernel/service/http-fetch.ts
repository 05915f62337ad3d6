import type { Readable } from 'node:stream'
import { Agent, type Dispatcher } from 'undici'
import type { Exchange } from './exchange.ts'
import { createHttpExchange } from './http-exchange.ts'
import type { SubgraphFetch } from './subgraph-fetch.ts'

/** Connections to services on HTTP, kept from one request to the next. */
export type HttpFetch = {
  /** Fails with what the socket failed with; `kernel/service/not-taken.ts` tells what that means. */
  fetch: SubgraphFetch
  /** Asks over the same connections. */
  exchange: Exchange
  /** Cuts what is open. */
  close: () => Promise<void>
}

export type HttpFetchOptions = {
  /** At most to one origin; further requests wait for one. */
  connections: number
  connectTimeoutMs: number
}

/**
 * Shorter than the 65 s for which services keep theirs (kernel/serve/listen.ts), whatever they
 * promise: no request is sent on a connection that the other side ends at that moment.
 */
const KEEP_ALIVE_MS = 30_000

/**
 * Opens a pool of connections. Redirects are never followed: a service is where the configuration
 * says it is. It waits for an answer as long as the request's signal allows.
 */
export function createHttpFetch({ connections, connectTimeoutMs }: HttpFetchOptions): HttpFetch {
  const agent = new Agent({
    connections,
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // Streams are silent between events; whoever reads them watches for silence.
    bodyTimeout: 0,
    headersTimeout: 0,
  })
  return {
    fetch: (request) => send(agent, request),
    exchange: createHttpExchange(agent),
    close: () => agent.destroy(),
  }
}

async function send(agent: Agent, request: Request): Promise<Response> {
  const { origin, pathname, search } = new URL(request.url)
  const answer = await agent.request({
    origin,
    path: `${pathname}${search}`,
    method: request.method as Dispatcher.HttpMethod,
    headers: Object.fromEntries(request.headers),
    body: request.body ? Buffer.from(await request.arrayBuffer()) : null,
    signal: request.signal,
  })
  return toResponse(answer)
}

function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  const hasBody = statusCode !== 204 && statusCode !== 304
  if (!hasBody) body.resume()
  return new Response(hasBody ? toWebStream(body) : null, { status: statusCode, headers: pairs })
}

/**
 * Reads on demand, one chunk at a time. `Readable.toWeb` throws outside of any promise when a chunk
 * arrives after its stream was cancelled, which would end the process.
 */
function toWebStream(body: Readable): ReadableStream<Uint8Array> {
  // Failures are told to whoever reads; an event without a listener would end the process.
  body.on('error', () => undefined)
  const iterator: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await iterator.next()
        if (step.done) controller.close()
        else controller.enqueue(step.value)
      },
      cancel: () => void body.destroy(),
    },
    { highWaterMark: 0 },
  )
}
