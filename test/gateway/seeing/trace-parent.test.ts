import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTraceparent, writeTraceparent } from '#gateway/seeing/trace-parent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('a traceparent', () => {
  test('is read with its flag', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      ...{ traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true },
    })
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-02`)?.traceFlags).toBe(0)
  })

  test('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes`)?.traceId).toBe(TRACE)
  })

  test.each([
    ['nothing', undefined],
    ['no text', 7],
    ['a list', [`00-${TRACE}-${SPAN}-01`]],
    ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['more than the version has', `00-${TRACE}-${SPAN}-01-more`],
    ['something behind a later version', `01-${TRACE}-${SPAN}-01more`],
    ['a line break', `00-${TRACE}-${SPAN}-01\n`],
    ['a book', `01-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`],
  ])('is not read from %s', (_what, text) => {
    expect(parseTraceparent(text)).toBeNull()
  })

  test('that is written is read as the same', () => {
    const hex = (length: number) =>
      fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((bytes) => Buffer.from(bytes).toString('hex'))
        .filter((text) => /[^0]/.test(text))
    fc.assert(
      fc.property(hex(16), hex(8), fc.constantFrom(0, 1), (traceId, spanId, traceFlags) => {
        const context = { traceId, spanId, traceFlags, isRemote: true }
        expect(parseTraceparent(writeTraceparent(context))).toEqual(context)
      }),
    )
  })

  test('is never read from noise', () => {
    fc.assert(fc.property(fc.string(), (noise) => parseTraceparent(noise) === null))
  })
})
