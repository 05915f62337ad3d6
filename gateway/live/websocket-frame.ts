import type { Told } from './fan-out/told.ts'

/** The first byte of a text in one piece (RFC 6455, 5.2). */
const FINAL_TEXT = 0x81

/** A longer event is sent as it lies, behind its beginning; a shorter one is cheaper to copy. */
const LONG = 4_096

/** A message in pieces that are written one after the other. */
export type Frame = readonly Buffer[]

/** The event that was sent last: many are told of it one after another, and then nobody. */
let latest: { told: Told; tail: Buffer; head: string; frame: Frame } | null = null

/**
 * An event as a frame of the WebSocket protocol: `head`, the text of the event, and a brace. It is
 * encoded once for all who are told of it, and made once for all who call their operation the same.
 */
export function frameOf(told: Told, head: string): Frame {
  if (latest?.told === told && latest.head === head) return latest.frame
  const tail = latest?.told === told ? latest.tail : Buffer.from(`${told.text}}`)
  const frame = framed(head, tail)
  latest = { told, tail, head, frame }
  return frame
}

/** Servers do not mask. A length of 126 says that two bytes of length follow, 127 that eight do. */
function framed(head: string, tail: Buffer): Frame {
  const headLength = Buffer.byteLength(head)
  const length = headLength + tail.length
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const isLong = tail.length > LONG
  const piece = Buffer.allocUnsafe(start + (isLong ? headLength : length))
  piece[0] = FINAL_TEXT
  piece[1] = start === 2 ? length : start === 4 ? 126 : 127
  if (start === 4) piece.writeUInt16BE(length, 2)
  if (start === 10) piece.writeBigUInt64BE(BigInt(length), 2)
  piece.write(head, start)
  if (isLong) return [piece, tail]
  tail.copy(piece, start + headLength)
  return [piece]
}
