import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createClientSeal } from '#kernel/audit/client-seal.ts'
import { toClient } from '#kernel/auth/client.ts'
import { sealText } from '#kernel/crypto/sealed-box.ts'
import { createSeededRandomness } from '#kernel/ids.ts'

const randomness = createSeededRandomness('client seal test')
const sealUnder = (byte: number) =>
  createClientSeal({ operatorKeys: { root: Buffer.alloc(32, byte) }, randomness })
const seal = sealUnder(1)
const client = { ip: '203.0.113.7', userAgent: 'curl/8' }

describe('a sealed client', () => {
  test('comes back as it was, whatever a connection claims to be', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), fc.string(), (ip, userAgent) => {
        const seen = toClient({ ip, userAgent })
        const sealed = seal.seal(seen)
        const isEmpty = seen.ip === null && seen.userAgent === null
        expect(sealed === null).toBe(isEmpty)
        if (sealed !== null) expect(seal.unseal(sealed)).toEqual(seen)
      }),
    )
  })

  test('shows nothing of it and looks another each time', () => {
    const [one, other] = [seal.seal(client), seal.seal(client)]
    expect(one).toMatch(/^c1\.[\w-]{16}\.[\w-]+$/)
    expect(one).not.toBe(other)
    expect(
      Buffer.from(String(one).split('.')[2] ?? '', 'base64url').toString('latin1'),
    ).not.toMatch(/203|curl/)
  })

  test('of nobody, and of who says nothing, is nothing', () => {
    expect(seal.seal(null)).toBeNull()
    expect(seal.seal({ ip: null, userAgent: null })).toBeNull()
  })

  test('opens under no other root, and under the same one after a restart', () => {
    const sealed = String(seal.seal(client))
    expect(sealUnder(2).unseal(sealed)).toBeNull()
    expect(sealUnder(1).unseal(sealed)).toEqual(client)
  })

  test('that was altered anywhere opens as nothing', () => {
    const sealed = String(seal.seal(client))
    for (let place = 0; place < sealed.length; place++) {
      const other = sealed[place] === 'A' ? 'B' : 'A'
      const altered = sealed.slice(0, place) + other + sealed.slice(place + 1)
      expect(seal.unseal(altered)).toBeNull()
    }
    for (const text of ['', 'c1', 'c1..', 'nonsense', `${sealed}.x`, sealed.slice(3)]) {
      expect(seal.unseal(text)).toBeNull()
    }
  })

  test('is not confused with a box that another purpose sealed', () => {
    const foreign = { format: 'c1', key: Buffer.alloc(32, 1), associated: 'dbsbm:c1:audit-client' }
    const text = sealText(foreign, Buffer.from(JSON.stringify(client)), randomness)
    expect(seal.unseal(text)).toBeNull()
  })
})
