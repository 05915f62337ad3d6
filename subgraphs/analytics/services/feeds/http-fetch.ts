import type { RejectionCode } from './feed.ts'

/** What came of one request: the JSON, or why there is none. Neither ever holds the URL, the key or the answer's text. */
export type FetchOutcome = { readonly json: unknown } | { readonly failure: FetchFailure }

export type FetchFailure = {
  readonly code: RejectionCode
  readonly reason: string
  /** True when asking again soon may help. */
  readonly isTransient: boolean
  /** How long the provider asks to be left alone, as it says in Retry-After; 0 when it does not. */
  readonly retryAfterMs: number
}

export type JsonRequest = {
  readonly url: URL
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly now: () => Date
  readonly signal: AbortSignal
}

/** Longest Retry-After that is believed. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000

/** GETs JSON once. Redirects are refused: following one would hand the key to another host. */
export async function fetchJson(request: JsonRequest): Promise<FetchOutcome> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)])
  try {
    const response = await fetch(request.url, {
      signal,
      redirect: 'manual',
      headers: { accept: 'application/json' },
    })
    const refused = refusalOf(response, request.now())
    if (refused) {
      await response.body?.cancel()
      return { failure: refused }
    }
    return await readBody(response, request.maxBytes)
  } catch (failure) {
    // fetch fails with many shapes and its messages may hold the URL with the key: only the kind is told
    const isTimeout = failure instanceof DOMException && failure.name === 'TimeoutError'
    const reason = isTimeout ? 'timeout' : 'network'
    return { failure: { ...transient, code: 'FEED_HTTP_UNREACHABLE', reason } }
  }
}

const transient = { isTransient: true, retryAfterMs: 0 } as const
const lasting = { isTransient: false, retryAfterMs: 0 } as const

function refusalOf(response: Response, now: Date): FetchFailure | null {
  const { status } = response
  const reason = `status-${status}`
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), now)
  if (status === 429) return { code: 'FEED_HTTP_REFUSED', reason, isTransient: true, retryAfterMs }
  if (status >= 500) {
    return { code: 'FEED_HTTP_UNREACHABLE', reason, isTransient: true, retryAfterMs }
  }
  if (status !== 200) return { ...lasting, code: 'FEED_HTTP_REFUSED', reason }
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(
    response.headers.get('content-type') ?? '',
  )
  return isJson ? null : { ...lasting, code: 'FEED_ANSWER_INVALID', reason: 'content-type' }
}

async function readBody(response: Response, maxBytes: number): Promise<FetchOutcome> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > maxBytes) {
      return { failure: { ...lasting, code: 'FEED_ANSWER_TOO_LARGE', reason: 'length' } }
    }
    chunks.push(chunk)
  }
  return parseBody(Buffer.concat(chunks))
}

function parseBody(bytes: Buffer): FetchOutcome {
  try {
    return { json: JSON.parse(bytes.toString('utf8')) as unknown }
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return { failure: { ...transient, code: 'FEED_ANSWER_INVALID', reason: 'json' } }
  }
}

/** RFC 9110 section 10.2.3: seconds or an HTTP date; anything else counts as not said. */
export function readRetryAfter(header: string | null, now: Date): number {
  if (!header) return 0
  const milliseconds = /^\d{1,9}$/.test(header.trim())
    ? Number(header) * 1000
    : Date.parse(header) - now.getTime()
  if (!(milliseconds > 0)) return 0
  return Math.min(milliseconds, LONGEST_RETRY_AFTER_MS)
}
