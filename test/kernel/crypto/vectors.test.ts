import { expect, test } from 'vitest'
import { hkdfSha256, hmacSha256, toHmacKey } from '#kernel/crypto/keyed-hash.ts'
import { sealBytes, unsealBytes } from '#kernel/crypto/sealed-box.ts'
import { bytesOf, readVectors, type VectorTest } from './wycheproof.ts'

const AES_256_GROUPS = readVectors('aes_gcm_test.json').filter(
  ({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128,
)

function gcmParts(vector: VectorTest) {
  return {
    seal: { key: bytesOf(vector, 'key'), associated: bytesOf(vector, 'aad') },
    iv: bytesOf(vector, 'iv'),
    message: bytesOf(vector, 'msg'),
    sealed: Buffer.concat([bytesOf(vector, 'ct'), bytesOf(vector, 'tag')]),
  }
}

test('AES-256-GCM seals and opens every valid Wycheproof vector, and opens no invalid one', () => {
  const vectors = AES_256_GROUPS.flatMap(({ tests }) => tests)
  const count = { valid: 0, invalid: 0 }
  for (const vector of vectors) {
    const { seal, iv, message, sealed } = gcmParts(vector)
    const isValid = vector.result === 'valid'
    count[isValid ? 'valid' : 'invalid'] += 1
    const opened = unsealBytes(seal, { iv, sealed })
    expect(opened, `tcId ${vector.tcId}`).toEqual(isValid ? message : null)
    if (isValid) expect(sealBytes(seal, iv, message), `tcId ${vector.tcId}`).toEqual(sealed)
  }
  expect(count).toMatchInlineSnapshot(`
    {
      "invalid": 27,
      "valid": 39,
    }
  `)
})

test('an IV of another size than 96 bits opens nothing', () => {
  const others = readVectors('aes_gcm_test.json')
    .filter(({ keySize, ivSize }) => keySize === 256 && ivSize !== 96)
    .flatMap(({ tests }) => tests)
  expect(others.length).toBeGreaterThan(10)
  for (const vector of others) {
    const { seal, iv, sealed } = gcmParts(vector)
    expect(unsealBytes(seal, { iv, sealed }), `tcId ${vector.tcId}`).toBeNull()
  }
})

test('HMAC-SHA256 equals every valid Wycheproof tag of full length and no invalid one', () => {
  const vectors = readVectors('hmac_sha256_test.json')
    .filter(({ tagSize }) => tagSize === 256)
    .flatMap(({ tests }) => tests)
  expect(vectors.length).toBeGreaterThan(50)
  for (const vector of vectors) {
    const tag = hmacSha256(toHmacKey(bytesOf(vector, 'key')), bytesOf(vector, 'msg'))
    const isSame = tag === bytesOf(vector, 'tag').toString('base64url')
    expect(isSame, `tcId ${vector.tcId}`).toBe(vector.result === 'valid')
  }
})

test('HKDF-SHA256 gives every valid Wycheproof key and refuses lengths beyond the standard', () => {
  const vectors = readVectors('hkdf_sha256_test.json').flatMap(({ tests }) => tests)
  expect(vectors.length).toBeGreaterThan(50)
  for (const vector of vectors) {
    const derive = () =>
      hkdfSha256({
        secret: bytesOf(vector, 'ikm'),
        salt: bytesOf(vector, 'salt'),
        info: bytesOf(vector, 'info'),
        length: Number(vector.size),
      })
    if (vector.result === 'valid') expect(derive()).toEqual(bytesOf(vector, 'okm'))
    else expect(derive).toThrow(RangeError)
  }
})
