import type { Plugin } from 'graphql-yoga'
import { gatewayError } from '../errors.ts'
import { abortable } from '../transport/abortable.ts'
import { type Asking, contextOf } from './asking.ts'
import { isStream } from './streamed-answer.ts'

/** Does work for whoever asks, for as long as a request may take. @throws REQUEST_TIMEOUT */
export async function inTime<Answer>(
  asking: Asking,
  timeoutMs: number,
  work: () => Promise<Answer> | Answer,
): Promise<Answer> {
  const timer = setTimeout(() => asking.abort(gatewayError('REQUEST_TIMEOUT')), timeoutMs)
  const stop = () => clearTimeout(timer)
  let isGoingOn = false
  try {
    const answer = await abortable(Promise.resolve(work()), asking.signal)
    isGoingOn = isStream(answer)
    // Whoever ends the stream, or leaves it, aborts the asking too.
    if (isGoingOn) asking.signal.addEventListener('abort', stop, { once: true })
    return answer
  } finally {
    if (!isGoingOn) stop()
  }
}

/**
 * Ends a query or mutation that takes too long: REQUEST_TIMEOUT, and its fetches are let go. Of an
 * answer in parts that holds for all parts together.
 */
export function useRequestTimeout(timeoutMs: number): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => inTime(contextOf(args).asking, timeoutMs, () => executeFn(args)))
    },
  }
}
