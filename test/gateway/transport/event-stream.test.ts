import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEventStreamParser } from '#gateway/transport/event-stream.ts'

const parse = (...chunks: string[]) => {
  const parser = createEventStreamParser({ messageCharacters: 1000 })
  return chunks.flatMap((chunk) => parser.push(chunk))
}

describe('an event stream', () => {
  test('is read as the WHATWG specification says', () => {
    expect(parse('\uFEFF: comment\nevent: next\nid: 1\ndata: a\ndata:b\n\ndata\n\n')).toEqual([
      { event: 'next', data: 'a\nb', id: '1' },
      { event: 'message', data: '', id: '1' },
    ])
  })

  test('has lines that end in CR, LF or both', () => {
    expect(
      parse('event: a\rdata: 1\r\rdata: 2\r\n\r\ndata: 3\n\n').map(({ data }) => data),
    ).toEqual(['1', '2', '3'])
  })

  test('ignores ids with NUL, fields it does not know, and events without data', () => {
    expect(parse('id: a\0b\nretry: 5\nother: x\nevent: none\n\ndata: 1\n\n')).toEqual([
      { event: 'message', data: '1', id: null },
    ])
  })

  test('is the same however it is cut', () => {
    const lines = fc.array(
      fc.constantFrom('event: next', 'data: {"a":1}', 'data', ': ping', 'id: 7', '', ''),
    )
    const endings = fc.constantFrom('\n', '\r\n')
    fc.assert(
      fc.property(lines, endings, fc.array(fc.nat(40)), (parts, ending, cuts) => {
        const text = `${parts.join(ending)}${ending}${ending}`
        const chunks: string[] = []
        let at = 0
        for (const cut of cuts) {
          chunks.push(text.slice(at, at + cut))
          at += cut
        }
        expect(parse(...chunks, text.slice(at))).toEqual(parse(text))
      }),
    )
  })

  test('with a message that never ends is given up', () => {
    expect(() => parse(`data: ${'a'.repeat(2000)}`)).toThrow()
    expect(() => parse(...Array.from({ length: 300 }, () => 'data: abc\n'))).toThrow()
    expect(parse(`data: ${'a'.repeat(500)}\n\n`)).toHaveLength(1)
  })
})
