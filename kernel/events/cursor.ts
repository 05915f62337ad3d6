import { createHash } from 'node:crypto'
import { eventsError } from './errors.ts'

export type CursorPosition = { epoch: string; seq: number }

const PARTS = /^([\w-]{1,22})\.(0|[1-9]\d{0,15})\.([\w-]{11})$/
const MAX_CURSOR_LENGTH = 128

/** Names a topic without telling it: topics may carry ids that are not the reader's business. */
function topicMark(topic: string): string {
  return createHash('sha256').update(topic).digest('base64url').slice(0, 11)
}

/** The opaque text of a place in a feed. */
export function encodeCursor(topic: string, { epoch, seq }: CursorPosition): string {
  return Buffer.from(`${epoch}.${seq}.${topicMark(topic)}`).toString('base64url')
}

/**
 * Reads a cursor for `topic`; one text per place is accepted, no other spelling of it.
 * @throws CURSOR_INVALID, CURSOR_FOREIGN
 */
export function decodeCursor(topic: string, cursor: string): CursorPosition {
  if (cursor.length > MAX_CURSOR_LENGTH) throw eventsError('CURSOR_INVALID')
  const bytes = Buffer.from(cursor, 'base64url')
  const [, epoch, digits, mark] = PARTS.exec(bytes.toString('latin1')) ?? []
  const isWhole = bytes.toString('base64url') === cursor && Number.isSafeInteger(Number(digits))
  if (!isWhole || epoch === undefined) throw eventsError('CURSOR_INVALID')
  if (mark !== topicMark(topic)) throw eventsError('CURSOR_FOREIGN')
  return { epoch, seq: Number(digits) }
}
