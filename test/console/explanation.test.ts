import { expect, test } from 'vitest'
import type { Answer } from '../../console/src/pages/playground/answer.ts'
import { eventsOf } from '../../console/src/pages/playground/event-stream.ts'
import { hasRun, lookIn } from '../../console/src/pages/playground/explain/explanation.ts'

const answerOf = (body: Record<string, unknown> | null): Answer => ({
  ...{ status: 200, ms: 1, bytes: 1, text: '', isCut: false },
  body,
})

const explain = { operation: 'mutation', isAllowed: true, rights: [] }

test('an explanation is known by its extension', () => {
  const look = lookIn(answerOf({ data: null, extensions: { explain } }))
  expect(look).toEqual({ kind: 'explained', explanation: explain })
})

test.each([
  ['the outcome of an older gateway', { data: { createApiKey: {} } }, true],
  ['an outcome that failed on the way', { data: null, errors: [{ message: 'No.' }] }, true],
  ['an extension of another form', { data: {}, extensions: { explain: true } }, true],
  ['a refusal', { errors: [{ message: 'No.' }] }, false],
  ['no JSON', null, false],
])('anything else is an answer, and no explanation: %s', (_name, body, isRun) => {
  const answer = answerOf(body)
  expect(lookIn(answer)).toEqual({ kind: 'answered', answer })
  expect(hasRun(answer)).toBe(isRun)
})

const streamOf = (...parts: string[]) => new Response(parts.join('')).body as ReadableStream

test('events are read one by one, without what keeps the connection alive', async () => {
  const body = streamOf(':\n\n', 'event: next\nid: 7\ndata: {"a":1}\n\n', 'event: complete\n\n')
  expect(await Array.fromAsync(eventsOf(body))).toEqual([
    { event: 'next', id: '7', data: '{"a":1}' },
    { event: 'complete', id: null, data: '' },
  ])
})

test('an event that is longer than any may be is refused', async () => {
  const body = streamOf('data: ', 'x'.repeat(4_000_001))
  await expect(Array.fromAsync(eventsOf(body))).rejects.toThrow(RangeError)
})
