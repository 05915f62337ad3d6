import { Kind, parse } from 'graphql'
import { expect, test } from 'vitest'
import { payersOf } from '#gateway/demand/asker.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'

const RESERVED = new Set(['signIn'])

function payerOf(ip: string | null, text: string) {
  const [operation] = parse(text).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
  const viewer = anonymousViewer('r', { ip, userAgent: null })
  return payersOf(viewer, operation, RESERVED)
}

test.each(['{ me }', 'mutation { signIn }'])(
  'whoever has a network of IPv6 has one budget, not one for each of its addresses: %s',
  (text) => {
    const one = payerOf('2001:db8:1:2::1', text)
    expect(payerOf('2001:db8:1:2:ffff::9', text)).toEqual(one)
    expect(payerOf('2001:db8:1:3::1', text)).not.toEqual(one)
    expect(payerOf('192.0.2.1', text)).not.toEqual(payerOf('192.0.2.2', text))
  },
)
