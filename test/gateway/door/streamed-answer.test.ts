import { getActiveResourcesInfo } from 'node:process'
import { expect, test } from 'vitest'
import { createLiveStream } from '#gateway/live/live-stream.ts'
import { type StreamWords, streamedAnswer } from '#gateway/plugins/streamed-answer.ts'

const WORDS: StreamWords<string> = {
  ...{ headers: {}, opening: '[', heartbeat: '~', closing: ']' },
  event: (item) => item,
}
const timers = () => getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

async function* failing(): AsyncGenerator<string> {
  yield 'one'
  throw new Error('broken')
}

async function* silent(): AsyncGenerator<string> {
  await new Promise(() => undefined)
}

/** An answer, and how often its stream was ended. */
function openAnswer(source: AsyncIterable<string>, gone: AbortSignal) {
  const state = { ended: 0 }
  const stream = createLiveStream({
    ...{ source, abort: () => undefined },
    ended: () => void state.ended++,
  })
  const sent = { words: WORDS, keepAliveMs: 60_000, gone, status: 200 }
  return { state, answer: streamedAnswer(stream, { Response, ReadableStream }, sent) }
}

test('a reader that is gone before the answer begins leaves no stream and no heartbeat behind', () => {
  const before = timers()
  const { state } = openAnswer(silent(), AbortSignal.abort())
  expect(state.ended).toBe(1)
  expect(timers()).toBe(before)
})

test('… and one that leaves later none either', () => {
  const before = timers()
  const reader = new AbortController()
  const { state } = openAnswer(silent(), reader.signal)
  expect(timers()).toBe(before + 1)
  reader.abort()
  expect(state.ended).toBe(1)
  expect(timers()).toBe(before)
})

test('a stream that fails ends the answer, and its heartbeat', async () => {
  const before = timers()
  const { answer } = openAnswer(failing(), new AbortController().signal)
  await expect(answer.text()).rejects.toThrow('broken')
  expect(timers()).toBe(before)
})
