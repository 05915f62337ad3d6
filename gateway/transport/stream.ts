import { AnswerTooLongError, readWhole } from '#kernel/service/exchange.ts'
import { isUnreachable } from '#kernel/service/not-taken.ts'
import { gatewayError } from '../errors.ts'
import { abortable } from './abortable.ts'
import { answerInvalid, parseAnswer, readAnswer, type SubgraphAnswer } from './answer.ts'
import {
  createEventStreamParser,
  MessageTooLargeError,
  type StreamMessage,
} from './event-stream.ts'

/** Bounds of one stream; `signal` ends it from this side. */
export type StreamLimits = { eventBytes: number; idleMs: number; signal: AbortSignal }

/**
 * Yields the answers of a GraphQL-over-SSE stream (distinct connections mode) until `complete`.
 * Nothing is read ahead of the consumer beyond one network chunk, so a slow one slows the source.
 * @throws SUBGRAPH_UNREACHABLE when the stream breaks off or falls silent, SUBGRAPH_ANSWER_INVALID
 * when what it sends is no answer.
 */
export async function* readAnswerStream(
  subgraph: string,
  response: Response,
  limits: StreamLimits,
): AsyncGenerator<SubgraphAnswer> {
  const contentType = response.headers.get('content-type') ?? ''
  if (!contentType.toLowerCase().startsWith('text/event-stream')) {
    // A subgraph may refuse a subscription with a plain answer that carries errors.
    yield readAnswer(subgraph, await readRefusal(subgraph, response, limits))
    return
  }
  for await (const message of readMessages(subgraph, response, limits)) {
    if (message.event === 'complete') return
    if (message.event === 'next') yield parseAnswer(subgraph, message.data)
  }
  // The protocol ends every stream with `complete`: without it something was cut off.
  throw gatewayError('SUBGRAPH_UNREACHABLE', { subgraph })
}

function readRefusal(subgraph: string, response: Response, { eventBytes }: StreamLimits) {
  return readWhole(response, eventBytes).catch((failure: unknown) => {
    throw failure instanceof AnswerTooLongError ? answerInvalid(subgraph, failure) : failure
  })
}

/** The messages of an event stream; @throws SUBGRAPH_UNREACHABLE when it falls silent or breaks. */
export async function* readMessages(
  subgraph: string,
  response: Response,
  limits: StreamLimits,
): AsyncGenerator<StreamMessage> {
  if (!response.body) return
  const parser = createEventStreamParser({ messageCharacters: limits.eventBytes })
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  const silence = watchSilence(limits)
  try {
    while (true) {
      const chunk = await silence.during(reader.read())
      if (chunk.done) return
      yield* parser.push(decoder.decode(chunk.value, { stream: true }))
    }
  } catch (failure) {
    throw translate(subgraph, failure, limits.signal)
  } finally {
    silence.stop()
    await cancelQuietly(reader)
  }
}

class SilentStreamError extends Error {
  override readonly name = 'SilentStreamError'
}

/** One timer and one signal for the whole stream; the timer starts anew with every chunk. */
function watchSilence({ idleMs, signal }: StreamLimits) {
  const silence = new AbortController()
  const ended = AbortSignal.any([signal, silence.signal])
  const timer = setTimeout(() => silence.abort(new SilentStreamError()), idleMs)
  return {
    during<Chunk>(reading: Promise<Chunk>): Promise<Chunk> {
      timer.refresh()
      return abortable(reading, ended)
    },
    stop: () => clearTimeout(timer),
  }
}

function translate(subgraph: string, failure: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (failure instanceof MessageTooLargeError) return answerInvalid(subgraph, failure)
  if (failure instanceof SilentStreamError || isUnreachable(failure)) {
    return gatewayError('SUBGRAPH_UNREACHABLE', { subgraph }, { cause: failure })
  }
  return failure
}

/** A stream that already failed refuses to be cancelled with the failure it is known for. */
async function cancelQuietly(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  await reader.cancel().then(
    () => undefined,
    () => undefined,
  )
}
