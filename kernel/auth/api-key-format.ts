import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Randomness } from '../ids.ts'

const ENVIRONMENT = 'live'
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 10
const SECRET_LENGTH = 32
const CHECKSUM_LENGTH = 6
/** 62 × 4: bytes beyond it would make some letters likelier than others. */
const FAIR_BYTES = 248
const KEY = /^(dsk_[a-z]{2,10}_([0-9A-Za-z]{10})_([0-9A-Za-z]{32}))_([0-9A-Za-z]{6})$/

/** The two parts of a key that count. */
export type ApiKeyParts = { publicId: string; secret: string }

function randomLetters(randomness: Randomness, length: number): string {
  let letters = ''
  while (letters.length < length) {
    for (const byte of randomness.bytes(length)) {
      if (byte < FAIR_BYTES && letters.length < length) letters += BASE62.charAt(byte % 62)
    }
  }
  return letters
}

/** CRC-32 (IEEE) in base62, six characters. */
function checksum(text: string): string {
  let rest = crc32(text)
  let letters = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    letters = BASE62.charAt(rest % 62) + letters
    rest = Math.floor(rest / 62)
  }
  return letters
}

export const newPublicId = (randomness: Randomness) => randomLetters(randomness, ID_LENGTH)

/** 190 bits. */
export const newKeySecret = (randomness: Randomness) => randomLetters(randomness, SECRET_LENGTH)

/** What is stored of a secret. */
export const hashOfSecret = (secret: string) => hash('sha256', secret, 'base64url')

/** `dsk_<env>_<id10>_<secret32>_<crc32>`, all base62: found by secret scanners, refused without a look-up. */
export function writeApiKey({ publicId, secret }: ApiKeyParts): string {
  const body = `dsk_${ENVIRONMENT}_${publicId}_${secret}`
  return `${body}_${checksum(body)}`
}

/** The parts of a key's text; null when its form or its checksum is wrong. */
export function parseApiKey(text: string): ApiKeyParts | null {
  const [, body = '', publicId, secret, sum] = KEY.exec(text) ?? []
  if (!publicId || !secret || checksum(body) !== sum) return null
  return { publicId, secret }
}
