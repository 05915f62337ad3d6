import { timingSafeEqual } from 'node:crypto'
import { deriveSubkey, hmacSha256, toHmacKey } from '../crypto/keyed-hash.ts'
import { eventsError } from './errors.ts'

export type CursorPosition = { epoch: string; seq: number }

/** A feed by its topic, and whose it is; null where it is no tenant's. */
export type FeedName = { topic: string; tenantId: string | null }

/** The cursors of one feed. */
export type FeedCursors = {
  /** The opaque text of a place: always the same, whoever asks. */
  encode: (position: CursorPosition) => string
  /**
   * Reads a cursor; one text per place is accepted, no other spelling of it.
   * @throws CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_EXPIRED for those from before they were signed
   */
  decode: (cursor: string) => CursorPosition
}

/** Signs and reads the cursors of one service. */
export type Cursors = { of: (feed: FeedName) => FeedCursors }

/** Above every character of an epoch, so that a cursor from before signatures is known as one. */
const VERSION = 0x80
/** 128 bit of HMAC-SHA256, of the feed as of the whole. */
const MARK_BYTES = 16
const TAG_START = 1 + MARK_BYTES
const PLACE_START = TAG_START + MARK_BYTES
const PLACE = /^([\w-]{1,22})\.(0|[1-9]\d{0,15})$/
const UNSIGNED = /^[\w-]{1,22}\.(0|[1-9]\d{0,15})\.[\w-]{11}$/
const LONGEST_CURSOR = 128

type Sign = (purpose: string, message: string) => Buffer

/** The bytes of a text that spells them in the one way; null for any other. */
function bytesOf(cursor: string): Buffer | null {
  if (cursor.length > LONGEST_CURSOR) return null
  const bytes = Buffer.from(cursor, 'base64url')
  return bytes.toString('base64url') === cursor ? bytes : null
}

function placeIn(bytes: Buffer): CursorPosition | null {
  const [, epoch, digits] = PLACE.exec(bytes.toString('latin1', PLACE_START)) ?? []
  if (epoch === undefined || !Number.isSafeInteger(Number(digits))) return null
  return { epoch, seq: Number(digits) }
}

/** What is signed: the mark stands for service, topic and tenant. */
const tagOf = (sign: Sign, mark: Buffer, place: string) =>
  sign('place', `${mark.toString('base64url')}.${place}`)

function encode(sign: Sign, mark: Buffer, { epoch, seq }: CursorPosition): string {
  const place = `${epoch}.${seq}`
  const bytes = [Buffer.of(VERSION), mark, tagOf(sign, mark, place), Buffer.from(place)]
  return Buffer.concat(bytes).toString('base64url')
}

/** Whether it is ours is told before whose it is, and both before anything of the feed itself. */
function decode(sign: Sign, mark: Buffer, cursor: string): CursorPosition {
  const bytes = bytesOf(cursor)
  if (!bytes) throw eventsError('CURSOR_INVALID')
  if (UNSIGNED.test(bytes.toString('latin1'))) throw eventsError('CURSOR_EXPIRED')
  const position = bytes[0] === VERSION ? placeIn(bytes) : null
  if (!position) throw eventsError('CURSOR_INVALID')
  const stated = bytes.subarray(1, TAG_START)
  const tag = tagOf(sign, stated, bytes.toString('latin1', PLACE_START))
  if (!timingSafeEqual(tag, bytes.subarray(TAG_START, PLACE_START)))
    throw eventsError('CURSOR_INVALID')
  if (!timingSafeEqual(mark, stated)) throw eventsError('CURSOR_FOREIGN')
  return position
}

/**
 * Cursors under a subkey of the operator's root, which no rotation changes and which all processes
 * share (docs/adr/0036): HMAC-SHA256 (RFC 2104) over service, topic, tenant, epoch and sequence,
 * truncated to 128 bit.
 */
export function createCursors({
  service,
  operatorKeys,
}: {
  service: string
  operatorKeys: { root: Buffer }
}): Cursors {
  const key = toHmacKey(deriveSubkey(operatorKeys.root, 'live cursor v1'))
  const sign: Sign = (purpose, message) =>
    Buffer.from(hmacSha256(key, `${purpose} ${message}`), 'base64url').subarray(0, MARK_BYTES)
  return {
    of: ({ topic, tenantId }) => {
      const mark = sign('feed', JSON.stringify([service, topic, tenantId]))
      return {
        encode: (position) => encode(sign, mark, position),
        decode: (cursor) => decode(sign, mark, cursor),
      }
    },
  }
}
