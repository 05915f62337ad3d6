import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCursors, type FeedName } from '#kernel/events/cursor.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { codeOf } from './feed-kit.ts'

const places = fc.record({ epoch: fc.stringMatching(/^[\w-]{1,22}$/), seq: fc.maxSafeNat() })
const feeds: fc.Arbitrary<FeedName> = fc.record({
  topic: fc.stringMatching(/^[\w.:-]{1,100}$/),
  tenantId: fc.option(fc.stringMatching(/^[1-9]\d{0,18}$/)),
})
const differ = (one: FeedName, other: FeedName) => JSON.stringify(one) !== JSON.stringify(other)
const decoding = (feed: FeedName, cursor: string) => () => TEST_CURSORS.of(feed).decode(cursor)

test('one place has one cursor in every process, and it reads back as that place', () => {
  const elsewhere = createCursors({
    service: 'test',
    operatorKeys: { root: Buffer.alloc(32, 9) },
  })
  fc.assert(
    fc.property(feeds, places, (feed, place) => {
      const cursor = TEST_CURSORS.of(feed).encode(place)
      expect(elsewhere.of({ ...feed }).encode({ ...place })).toBe(cursor)
      expect(elsewhere.of(feed).decode(cursor)).toEqual(place)
      expect(cursor).toMatch(/^[\w-]{1,128}$/)
    }),
  )
})

test('whatever byte is altered, and to whatever, the cursor is refused as none', () => {
  fc.assert(
    fc.property(
      feeds,
      places,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (feed, place, at, by) => {
        const bytes = Buffer.from(TEST_CURSORS.of(feed).encode(place), 'base64url')
        const where = at % bytes.length
        bytes[where] = (bytes[where] ?? 0) ^ by
        expect(codeOf(decoding(feed, bytes.toString('base64url')))).toBe('CURSOR_INVALID')
      },
    ),
    { numRuns: 2_000 },
  )
})

test('every single bit of one cursor counts', () => {
  const feed = { topic: 'tenancy:7', tenantId: '7' }
  const whole = Buffer.from(TEST_CURSORS.of(feed).encode({ epoch: 'e', seq: 41 }), 'base64url')
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const bytes = Buffer.from(whole)
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(codeOf(decoding(feed, bytes.toString('base64url')))).toBe('CURSOR_INVALID')
  }
})

test('a cursor cut short, drawn out or spelled otherwise is none', () => {
  fc.assert(
    fc.property(feeds, places, fc.nat(), (feed, place, length) => {
      const cursor = TEST_CURSORS.of(feed).encode(place)
      const [cut, drawn] = [cursor.slice(0, length % cursor.length), `${cursor}AAAA`]
      for (const other of [cut, drawn, `${cursor}=`, ` ${cursor}`, `${cursor}\n`])
        expect(codeOf(decoding(feed, other))).toBe('CURSOR_INVALID')
    }),
  )
})

test('a cursor of one feed never opens another, were it but another tenant’s', () => {
  fc.assert(
    fc.property(feeds, feeds, places, (feed, other, place) => {
      fc.pre(differ(feed, other))
      const cursor = TEST_CURSORS.of(feed).encode(place)
      expect(codeOf(decoding(other, cursor))).toBe('CURSOR_FOREIGN')
      expect(codeOf(decoding({ ...feed, tenantId: `${feed.tenantId}0` }, cursor))).toBe(
        'CURSOR_FOREIGN',
      )
    }),
  )
})

test('nothing of a topic or a tenant can be read in a cursor', () => {
  const cursor = TEST_CURSORS.of({ topic: 'portfolio:4711', tenantId: '4711' })
  const text = Buffer.from(cursor.encode({ epoch: 'e', seq: 1 }), 'base64url').toString('latin1')
  expect(text).not.toContain('4711')
  expect(text).not.toContain('portfolio')
})

test('a cursor of another service is foreign, one under another root is none', () => {
  const feed = { topic: 'security', tenantId: null }
  const place = { epoch: 'e', seq: 1 }
  const under = (service: string, byte: number) =>
    createCursors({ service, operatorKeys: { root: Buffer.alloc(32, byte) } })
      .of(feed)
      .encode(place)
  expect(codeOf(decoding(feed, under('other', 9)))).toBe('CURSOR_FOREIGN')
  expect(codeOf(decoding(feed, under('test', 8)))).toBe('CURSOR_INVALID')
})

test('a cursor from before they were signed has expired, what only resembles one is none', () => {
  const spell = (text: string) => Buffer.from(text).toString('base64url')
  const feed = { topic: 'odds', tenantId: null }
  expect(codeOf(decoding(feed, spell('epoch.12.AAAAAAAAAAA')))).toBe('CURSOR_EXPIRED')
  for (const text of ['epoch.01.AAAAAAAAAAA', 'epoch.1.AAAAAAAAAAAA', 'epoch.1.', '.1.AAAAAAAAAAA'])
    expect(codeOf(decoding(feed, spell(text)))).toBe('CURSOR_INVALID')
})

test('one that is signed and names no place that can be counted is none', () => {
  const cursors = TEST_CURSORS.of({ topic: 'odds', tenantId: null })
  for (const place of [
    { epoch: 'e', seq: 2 ** 53 },
    { epoch: 'e', seq: -1 },
    { epoch: 'e'.repeat(23), seq: 1 },
    { epoch: '', seq: 1 },
  ])
    expect(codeOf(() => cursors.decode(cursors.encode(place)))).toBe('CURSOR_INVALID')
})
