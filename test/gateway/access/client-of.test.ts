import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createClientOf } from '#gateway/access/client-of.ts'
import { networks } from '#kernel/config/parsers.ts'

const PROXY = '10.1.2.3'
const TRUSTED = '10.0.0.0/8, 2001:db8:ffff::/48'

/** What the client's address is taken to be. */
function addressOf(peer: string | undefined, forwardedFor?: string, trusted = TRUSTED) {
  const clientOf = createClientOf(trusted === '' ? [] : (networks.read(trusted) ?? []))
  const headers = {
    'user-agent': 'Test/1',
    ...(forwardedFor && { 'x-forwarded-for': forwardedFor }),
  }
  // Of a request only these two are read.
  const request = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage
  return clientOf(request)?.ip
}

describe('the address of a client', () => {
  test('is the socket’s, mapped or not', () => {
    expect(addressOf('198.51.100.1')).toBe('198.51.100.1')
    expect(addressOf('::ffff:198.51.100.1')).toBe('198.51.100.1')
  })

  test('is nobody’s where no socket carried the request, or the socket is gone', () => {
    expect(createClientOf([])(undefined)).toBeNull()
    expect(addressOf(undefined, '203.0.113.7')).toBeNull()
  })

  test('is not what a stranger writes, nor what anybody writes where nobody is trusted', () => {
    expect(addressOf('198.51.100.1', '203.0.113.7')).toBe('198.51.100.1')
    expect(addressOf(PROXY, '203.0.113.7', '')).toBe(PROXY)
  })

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, 10.9.9.9', '203.0.113.7'],
    ['203.0.113.7:4711, ::ffff:10.9.9.9', '203.0.113.7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['2001:DB8:0::7, 2001:db8:ffff::1', '2001:db8::7'],
    ['10.7.7.7, 10.9.9.9', '10.7.7.7'],
    ['6.6.6.6, unknown, 10.9.9.9', '10.9.9.9'],
    ['6.6.6.6, unknown', PROXY],
    [', ', PROXY],
    [`${'6.6.6.6,'.repeat(2_000)}203.0.113.7`, '203.0.113.7'],
  ])('is, behind a trusted proxy that says %.40s, %s', (forwardedFor, ip) => {
    expect(addressOf(PROXY, forwardedFor)).toBe(ip)
    expect(addressOf(`::ffff:${PROXY}`, forwardedFor)).toBe(ip)
  })

  test('cannot be chosen by whoever writes to the left of what a trusted proxy saw', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        const seen = addressOf(PROXY, `${written},203.0.113.7`)
        expect(seen).toBe('203.0.113.7')
      }),
    )
  })
})
