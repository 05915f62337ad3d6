import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Randomness } from '../ids.ts'

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const BASE64URL = /^[A-Za-z0-9_-]*$/

/** What a sealed text is bound to: a format name, a 32-byte key and associated data. */
export type Seal = { format: string; key: Buffer; associated: string }

/** Key and associated bytes of AES-256-GCM. */
export type ByteSeal = { key: Uint8Array; associated: Uint8Array }

/** Bytes of an IV and of ciphertext with tag, as AES-256-GCM (NIST SP 800-38D) takes them. */
export type SealedBytes = { iv: Uint8Array; sealed: Uint8Array }

/** AES-256-GCM with a 16-byte tag behind the ciphertext. */
export function sealBytes(seal: ByteSeal, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv(ALGORITHM, seal.key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(seal.associated)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** The plaintext, or null when tag, key, IV or associated data do not belong together. */
export function unsealBytes(seal: ByteSeal, box: SealedBytes): Buffer | null {
  const end = box.sealed.length - TAG_BYTES
  if (end < 0 || box.iv.length !== IV_BYTES) return null
  const decipher = createDecipheriv(ALGORITHM, seal.key, box.iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(seal.associated)
  decipher.setAuthTag(box.sealed.subarray(end))
  const plaintext = decipher.update(box.sealed.subarray(0, end))
  try {
    return Buffer.concat([plaintext, decipher.final()])
  } catch {
    // The only failure of final() in GCM is a tag that does not fit; the caller names what that means.
    return null
  }
}

const toByteSeal = ({ key, associated }: Seal): ByteSeal => ({
  key,
  associated: Buffer.from(associated),
})

/** Versioned text `<format>.<iv>.<ciphertext+tag>`, base64url, under a fresh random IV. */
export function sealText(seal: Seal, plaintext: Uint8Array, randomness: Randomness): string {
  const iv = randomness.bytes(IV_BYTES)
  const sealed = sealBytes(toByteSeal(seal), iv, plaintext)
  return `${seal.format}.${iv.toString('base64url')}.${sealed.toString('base64url')}`
}

function decodeStrictly(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  // Node skips what is no base64url; one value must have exactly one text.
  return BASE64URL.test(text) && bytes.toString('base64url') === text ? bytes : null
}

/** The plaintext of a sealed text, or null for any text that this seal did not make. */
export function unsealText(seal: Seal, text: string): Buffer | null {
  const [format, ivText, sealedText, ...rest] = text.split('.', 4)
  if (format !== seal.format || !ivText || !sealedText || rest.length > 0) return null
  const iv = decodeStrictly(ivText)
  const sealed = decodeStrictly(sealedText)
  return iv && sealed ? unsealBytes(toByteSeal(seal), { iv, sealed }) : null
}
