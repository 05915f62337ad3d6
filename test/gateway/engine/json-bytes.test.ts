import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonBytes } from '#gateway/engine/json-bytes.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  // Halves of pairs, which are no text at all in UTF-8.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 })
    .map((codes) => String.fromCharCode(...codes)),
)
const anyValue = fc.oneof(
  anyText,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 3 }),
)

test('values are written as JSON.stringify writes them', () => {
  const json = new JsonBytes()
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 20 }), (values) => {
      json.clear()
      json.ascii('[')
      for (const [index, value] of values.entries()) {
        if (index > 0) json.ascii(',')
        expect(json.value(value)).toBe(JSON.stringify(value) !== 'null')
      }
      json.ascii(']')
      expect(json.take().toString('utf8')).toBe(JSON.stringify(values))
    }),
    { numRuns: 2_000 },
  )
})

test('what was taken back is gone, and what is written again stands there once more', () => {
  const json = new JsonBytes()
  json.ascii('{"a":')
  const start = json.length
  json.string('é and "more"')
  const end = json.length
  json.ascii(',"b":"taken back"')
  json.truncate(end)
  json.ascii(',"c":')
  json.repeat(start, end)
  json.ascii('}')
  expect(JSON.parse(json.take().toString())).toEqual({ a: 'é and "more"', c: 'é and "more"' })
})

test('there is room for more than was ever written, and what was taken stays what it was', () => {
  const json = new JsonBytes()
  json.string('first')
  const first = json.take()
  const long = 'ä€🎲'.repeat(1_000_000)
  json.ascii('[')
  for (let times = 0; times < 3; times++) {
    json.string(long)
    json.ascii(',')
    json.repeat(1, 1 + 100)
    json.truncate(json.length - 100)
  }
  json.value(-0)
  json.ascii(']')
  expect(JSON.parse(json.take().toString())).toEqual([long, long, long, 0])
  json.string('last')
  expect([first.toString(), json.take().toString()]).toEqual(['"first"', '"last"'])
})

test('what would be longer than an answer may be is refused with a code, and the next is written', () => {
  const json = new JsonBytes()
  json.string('x'.repeat(1_000_000))
  const repeated = () => {
    for (;;) json.repeat(0, json.length)
  }
  expect(repeated).toThrow(expect.objectContaining({ code: 'ANSWER_TOO_LONG' }))
  json.clear()
  json.string('short')
  expect(json.take().toString()).toBe('"short"')
})
