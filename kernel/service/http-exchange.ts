import { LRUCache } from 'lru-cache'
import type { Dispatcher } from 'undici'
import {
  AnswerTooLongError,
  type Exchange,
  outOfTime,
  type Question,
  type WholeAnswer,
} from './exchange.ts'

type Settle = { resolve: (answer: WholeAnswer) => void; reject: (failure: unknown) => void }

/** Gathers one answer. It may be given up before its connection is there. */
function createHandler({ signal, timeoutMs, mostBytes }: Question, settle: Settle) {
  let controller: Dispatcher.DispatchController | null = null
  let isOver = false
  let status = 0
  let contentType = ''
  let cacheControl = ''
  let bytes = 0
  const chunks: Buffer[] = []
  const leave = () => {
    isOver = true
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
  const giveUp = (failure: unknown) => {
    if (isOver) return
    leave()
    settle.reject(failure)
    controller?.abort(failure instanceof Error ? failure : new Error('given up'))
  }
  const stop = () => giveUp(signal?.reason)
  const timer = setTimeout(() => giveUp(outOfTime()), timeoutMs)
  signal?.addEventListener('abort', stop, { once: true })
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (given) => {
      controller = given
      if (isOver) given.abort(new Error('given up'))
    },
    onResponseStart: (_controller, statusCode, headers) => {
      status = statusCode
      contentType = String(headers['content-type'] ?? '')
      cacheControl = String(headers['cache-control'] ?? '')
    },
    onResponseData: (_controller, chunk) => {
      bytes += chunk.byteLength
      if (bytes > mostBytes) giveUp(new AnswerTooLongError(`more than ${mostBytes} bytes`))
      else chunks.push(chunk)
    },
    onResponseEnd: () => {
      if (isOver) return
      leave()
      const [first] = chunks
      const whole = chunks.length === 1 && first ? first : Buffer.concat(chunks)
      settle.resolve({ status, contentType, cacheControl, text: whole.toString('utf8') })
    },
    onResponseError: (_controller, failure) => {
      if (isOver) return
      leave()
      settle.reject(failure)
    },
  }
  return { handler, giveUp }
}

/** Addresses come from the configuration and the supergraph: a handful. */
const parts = new LRUCache<string, { origin: string; path: string }>({
  max: 256,
  memoMethod: (url) => {
    const { origin, pathname, search } = new URL(url)
    return { origin, path: `${pathname}${search}` }
  },
})

/** Asks over the connections of a pool, without the objects of `fetch`, which cost more than the way itself. */
export function createHttpExchange(dispatcher: Dispatcher): Exchange {
  return (question) =>
    new Promise((resolve, reject) => {
      question.signal?.throwIfAborted()
      const { handler, giveUp } = createHandler(question, { resolve, reject })
      const { headers, body } = question
      try {
        dispatcher.dispatch({ ...parts.memo(question.url), method: 'POST', headers, body }, handler)
      } catch (failure) {
        giveUp(failure)
      }
    })
}
