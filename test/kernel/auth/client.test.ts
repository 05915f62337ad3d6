import { isIP, SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isClient, parseIp, toClient } from '#kernel/auth/client.ts'

describe('an address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ])('%s is %s', (text, canonical) => {
    expect(parseIp(text)).toBe(canonical)
  })

  test.each([
    '',
    'unknown',
    '1.2.3',
    '1.2.3.4:80',
    '[::1]',
    '01.2.3.4',
    `${'1'.repeat(100)}`,
    '::1 ',
  ])('%j is none', (text) => {
    expect(parseIp(text)).toBeNull()
  })

  test('of either family keeps its meaning, and its form is a fixed point', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = parseIp(text) ?? ''
        expect(isIP(ip)).not.toBe(0)
        expect(parseIp(ip)).toBe(ip)
        expect(isClient({ ip, userAgent: null })).toBe(true)
        const family = isIP(text) === 6 ? 'ipv6' : 'ipv4'
        const { address } = new SocketAddress({ address: text, family })
        expect(parseIp(address)).toBe(ip)
      }),
    )
  })
})

describe('a client', () => {
  test('is cut and printable, whatever it sent', () => {
    const { ip, userAgent } = toClient({ ip: 'nowhere', userAgent: `é\n${'x'.repeat(9000)}` })
    expect([ip, userAgent?.length, userAgent?.slice(0, 3)]).toEqual([null, 256, '??x'])
    expect(toClient({ ip: undefined, userAgent: ' ' })).toEqual({ ip: null, userAgent: null })
  })

  test('made of any text is one that is taken', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (ip, userAgent) => {
        expect(isClient(toClient({ ip, userAgent }))).toBe(true)
      }),
    )
  })

  test.each([
    ['nothing', null],
    ['a text', '203.0.113.7'],
    ['one field less', { ip: '203.0.113.7' }],
    ['one field more', { ip: null, userAgent: null, host: 'x' }],
    ['an address that is none', { ip: 'localhost', userAgent: null }],
    ['a mapped address', { ip: '::ffff:203.0.113.7', userAgent: null }],
    ['an address in another form', { ip: '2001:DB8::1', userAgent: null }],
    ['a long program', { ip: null, userAgent: 'x'.repeat(257) }],
    ['a program of two lines', { ip: null, userAgent: 'a\nb' }],
    ['an empty program', { ip: null, userAgent: '' }],
  ])('that is %s is refused', (_what, value) => {
    expect(isClient(value)).toBe(false)
  })
})
