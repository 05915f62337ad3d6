import { withinTimeLimit } from '../time-limit.ts'
import { readBounded } from './bounded-answer.ts'
import type { SubgraphFetch } from './subgraph-fetch.ts'

/** A question that is sent whole, and whose answer is read whole. */
export type Question = {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  /** Ends it at once. */
  signal?: AbortSignal | undefined
  /** For all of it: a connection, the question and the whole answer. */
  timeoutMs: number
  /** Of the answer. */
  mostBytes: number
}

/** An answer, not yet trusted to say anything. Text that is no UTF-8 shows as such. */
export type WholeAnswer = {
  status: number
  contentType: string
  /** Empty where nothing is said. */
  cacheControl: string
  text: string
}

/**
 * Asks over one connection, once. Fails with an error called `TimeoutError` when the time is over,
 * with AnswerTooLongError, with the signal's reason, or with what the socket failed with.
 */
export type Exchange = (question: Question) => Promise<WholeAnswer>

/** The answer is longer than it may be; no more of it was read. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError'
}

export const outOfTime = () => new DOMException('The service took too long.', 'TimeoutError')

/** Asks where requests are taken as objects, such as within this process. */
export function exchangeOver(fetch: SubgraphFetch): Exchange {
  return ({ url, headers, body, signal, timeoutMs, mostBytes }) =>
    withinTimeLimit({ timeoutMs, onTimeout: outOfTime, signal }, async (limit) => {
      const asked = new Request(url, { method: 'POST', headers, body, signal: limit })
      return readWhole(await fetch(asked), mostBytes)
    })
}

/** Reads an answer to its end. @throws AnswerTooLongError */
export async function readWhole(answer: Response, mostBytes: number): Promise<WholeAnswer> {
  const bytes = await readBounded(answer, mostBytes)
  if (!bytes) throw new AnswerTooLongError(`more than ${mostBytes} bytes`)
  const contentType = answer.headers.get('content-type') ?? ''
  const cacheControl = answer.headers.get('cache-control') ?? ''
  const text = Buffer.from(bytes).toString('utf8')
  return { status: answer.status, contentType, cacheControl, text }
}
