import type { Readable } from 'node:stream'
import { Agent, type Dispatcher } from 'undici'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import type { SubgraphSettings } from '../settings.ts'

/** Keep-alive connections to all subgraphs on HTTP. */
export type HttpTransport = {
  fetch: SubgraphFetch
  close: () => Promise<void>
}

/** A failure to reach the other side at all: nothing was answered. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

const NOT_REACHED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
])

/** Streams at most to one origin; each holds a connection for as long as it lasts. */
const MOST_STREAMS = 20_000

/**
 * Opens two pools, because streams that shared one with questions would leave these no connection.
 * Redirects are never followed: a subgraph is where the supergraph says it is.
 */
export function createHttpTransport(settings: SubgraphSettings): HttpTransport {
  const questions = openPool(settings, settings.connections)
  const streams = openPool(settings, MOST_STREAMS)
  return {
    fetch: (request) => {
      const isStream = request.headers.get('accept') === 'text/event-stream'
      return send(isStream ? streams : questions, request)
    },
    close: async () => {
      await Promise.all([questions.destroy(), streams.destroy()])
    },
  }
}

function openPool(settings: SubgraphSettings, connections: number): Agent {
  return new Agent({
    connections,
    connect: { timeout: settings.connectTimeoutMs },
    keepAliveTimeout: 30_000,
    // Streams are silent between events; their own watch (streamIdleMs) decides when they are dead.
    bodyTimeout: 0,
    headersTimeout: 0,
  })
}

async function send(agent: Agent, request: Request): Promise<Response> {
  try {
    const answer = await agent.request({
      origin: new URL(request.url).origin,
      path: pathOf(request.url),
      method: request.method as Dispatcher.HttpMethod,
      headers: Object.fromEntries(request.headers),
      body: request.body ? Buffer.from(await request.arrayBuffer()) : null,
      signal: request.signal,
    })
    return toResponse(answer)
  } catch (failure) {
    throw isNotReached(failure)
      ? new UnreachableError('The connection failed.', { cause: failure })
      : failure
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
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

/** True for the failures of sockets and name look-up, whichever layer wrapped them. */
export function isNotReached(failure: unknown): boolean {
  if (failure instanceof UnreachableError) return true
  if (!(failure instanceof Error)) return false
  const { code } = failure as { code?: unknown }
  if (typeof code === 'string' && NOT_REACHED.has(code)) return true
  return failure.cause !== undefined && isNotReached(failure.cause)
}
