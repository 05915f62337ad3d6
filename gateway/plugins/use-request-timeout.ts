import type { Plugin } from 'graphql-yoga'
import { gatewayError } from '../errors.ts'
import { abortable } from '../transport/abortable.ts'
import { contextOf } from './asking.ts'
import { isStream } from './streamed-answer.ts'

/**
 * Ends a query or mutation that takes too long: REQUEST_TIMEOUT, and its fetches are let go. Of an
 * answer in parts that holds for all parts together.
 */
export function useRequestTimeout(timeoutMs: number): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn(async (args) => {
        const { asking } = contextOf(args)
        const timer = setTimeout(() => asking.abort(gatewayError('REQUEST_TIMEOUT')), timeoutMs)
        const stop = () => clearTimeout(timer)
        let isGoingOn = false
        try {
          const answer = await abortable(Promise.resolve(executeFn(args)), asking.signal)
          isGoingOn = isStream(answer)
          // Whoever ends the stream, or leaves it, aborts the asking too.
          if (isGoingOn) asking.signal.addEventListener('abort', stop, { once: true })
          return answer
        } finally {
          if (!isGoingOn) stop()
        }
      })
    },
  }
}
