import type { Told } from './fan-out/told.ts'

/** The first byte of a text in one piece (RFC 6455, 5.2). */
const FINAL_TEXT = 0x81

/** The frame of an event as it was asked for last. */
const frames = new WeakMap<Told, { head: string; frame: Buffer }>()

/**
 * An event as a frame of the WebSocket protocol, made once for all who call their operation the same
 * and sent to each as it is: `head`, the text of the event, and a brace.
 */
export function frameOf(told: Told, head: string): Buffer {
  const known = frames.get(told)
  if (known?.head === head) return known.frame
  const frame = framed(`${head}${told.text}}`)
  frames.set(told, { head, frame })
  return frame
}

/** Servers do not mask. A length of 126 says that two bytes of length follow, 127 that eight do. */
function framed(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = FINAL_TEXT
  frame[1] = start === 2 ? length : start === 4 ? 126 : 127
  if (start === 4) frame.writeUInt16BE(length, 2)
  if (start === 10) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.write(text, start)
  return frame
}
