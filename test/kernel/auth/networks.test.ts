import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp } from '#kernel/auth/client.ts'
import { networkOf } from '#kernel/auth/networks.ts'

describe('the network of an address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    [null, 'none'],
    [undefined, 'none'],
  ])('of %s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network)
  })

  test('of IPv6 is shared by exactly those whose first 64 bits are the same', () => {
    const address = fc.tuple(fc.constantFrom('2001:db8::', '2001:db8:0:1::', 'fe80::'), fc.ipV6())
    fc.assert(
      fc.property(address, address, ([, left], [, right]) => {
        const [one, other] = [parseIp(left) ?? '', parseIp(right) ?? '']
        fc.pre(one.includes(':') && other.includes(':'))
        const range = new BlockList()
        range.addSubnet(one, 64, 'ipv6')
        expect(networkOf(one) === networkOf(other)).toBe(range.check(other, 'ipv6'))
      }),
    )
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (host, net) => {
        const at = (group: number, last: number) =>
          networkOf(parseIp(`2001:db8:0:${group.toString(16)}::${last.toString(16)}`))
        expect(at(net, host)).toBe(at(net, 1))
        expect(at(net, host)).not.toBe(at(net ^ 1, host))
      }),
    )
  })
})
