import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLookupHash, normalizeEmail } from '#kernel/crypto/lookup-hash.ts'
import {
  addOperatorKeyVersion,
  newOperatorKeyText,
  parseOperatorKeys,
} from '#kernel/crypto/operator-key.ts'
import { isDomainError } from '#kernel/errors.ts'
import { createSeededRandomness } from '#kernel/ids.ts'

const randomness = createSeededRandomness('lookup hash')
const keyText = newOperatorKeyText(randomness)
const lookup = createLookupHash(parseOperatorKeys(keyText))
const refusal = (code: string) => expect.objectContaining({ code })

function isEmail(text: string): boolean {
  try {
    return normalizeEmail(text) !== ''
  } catch (failure) {
    if (isDomainError(failure, 'EMAIL_INVALID')) return false
    throw failure
  }
}

describe('keyed hashes for lookups', () => {
  test('equal addresses are found whatever their case, blanks and Unicode form', () => {
    const hash = lookup.ofEmail('users.email', 'Ada@Example.com')
    expect(hash).toMatch(/^[\w-]{43}$/)
    expect(lookup.ofEmail('users.email', ' ada@example.COM\n')).toBe(hash)
    const [composed, decomposed] = ['Jose\u0301@example.com', 'Jos\u00e9@example.com']
    expect(lookup.ofEmail('users.email', composed)).toBe(lookup.ofEmail('users.email', decomposed))
  })

  test('other addresses are not, nor the same address for another purpose', () => {
    const hash = lookup.ofEmail('users.email', 'ada@example.com')
    expect(lookup.ofEmail('users.email', 'ad.a@example.com')).not.toBe(hash)
    expect(lookup.ofEmail('users.recovery_email', 'ada@example.com')).not.toBe(hash)
  })

  test('they hang on the operator, and outlive a rotation of the key', () => {
    const stranger = createLookupHash(parseOperatorKeys(newOperatorKeyText(randomness)))
    const rotated = addOperatorKeyVersion(keyText, randomness).replace(/^v1:.*\n/m, '')
    const later = createLookupHash(parseOperatorKeys(rotated))
    const hash = lookup.of('users.phone', '+49123')
    expect(stranger.of('users.phone', '+49123')).not.toBe(hash)
    expect(later.of('users.phone', '+49123')).toBe(hash)
  })

  test('empty and endless values and strange purposes are refused', () => {
    expect(() => lookup.of('users.phone', '')).toThrow(refusal('LOOKUP_VALUE_INVALID'))
    const endless = 'x'.repeat(1025)
    expect(() => lookup.of('users.phone', endless)).toThrow(refusal('LOOKUP_VALUE_INVALID'))
    expect(() => lookup.of('phone', 'x')).toThrow(refusal('COLUMN_CONTEXT_INVALID'))
  })
})

describe('addresses', () => {
  test('the normal form is its own normal form', () => {
    const unicode = fc
      .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), fc.domain())
      .map(([localPart, domain]) => `${localPart}@${domain}`)
      .filter((email) => isEmail(email))
    fc.assert(
      fc.property(unicode, (email) => {
        const normal = normalizeEmail(email)
        expect(normalizeEmail(normal)).toBe(normal)
      }),
    )
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        const normal = normalizeEmail(email)
        expect(normalizeEmail(normal)).toBe(normal)
        expect(normalizeEmail(email.toUpperCase())).toBe(normal)
      }),
    )
  })

  test.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@@example.com',
    'a b@example.com',
    'ada@exa mple.com',
    'ada@.com',
    'ada@example.',
    'ada\u0000@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(251)}`,
    'x'.repeat(5000),
  ])('%j is no address', (email) => {
    expect(() => normalizeEmail(email)).toThrow(refusal('EMAIL_INVALID'))
  })
})
