/** One message of a `text/event-stream` (WHATWG HTML, section 9.2). */
export type StreamMessage = { event: string; data: string; id: string | null }

export type EventStreamLimits = {
  /** Characters that one message may have before the stream counts as broken. */
  messageCharacters: number
}

/** Thrown when a stream sends a message that is larger than allowed. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError'
}

/** Takes text as it arrives, cut anywhere, and gives back the messages that became whole. */
export type EventStreamParser = { push: (text: string) => StreamMessage[] }

type Pending = { event: string; data: string[]; id: string | null; size: number }

/** Follows section 9.2.6: CR, LF and CRLF end lines, a leading BOM is skipped, ids with NUL are ignored. */
export function createEventStreamParser(limits: EventStreamLimits): EventStreamParser {
  let rest = ''
  let isFirst = true
  let pending: Pending = { event: '', data: [], id: null, size: 0 }

  const take = (line: string): StreamMessage | null => {
    if (line !== '') {
      pending.size += line.length
      readField(line, pending)
      return null
    }
    const { event, data, id } = pending
    pending = { event: '', data: [], id, size: 0 }
    return data.length === 0 ? null : { event: event || 'message', data: data.join('\n'), id }
  }

  return {
    push(text) {
      const whole = isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text
      if (text !== '') isFirst = false
      const { lines, remainder } = splitLines(rest + whole)
      rest = remainder
      const messages = lines.flatMap((line) => {
        const message = take(line)
        if (pending.size > limits.messageCharacters) throw new MessageTooLargeError()
        return message ? [message] : []
      })
      if (rest.length > limits.messageCharacters) throw new MessageTooLargeError()
      return messages
    },
  }
}

function splitLines(text: string): { lines: string[]; remainder: string } {
  // A CR at the very end may be the first half of CRLF: it waits for what follows.
  const held = text.endsWith('\r') ? '\r' : ''
  const lines = (held ? text.slice(0, -1) : text).split(/\r\n|\r|\n/)
  const last = lines.pop() ?? ''
  return { lines, remainder: last + held }
}

function readField(line: string, pending: Pending): void {
  const colon = line.indexOf(':')
  if (colon === 0) return
  const name = colon === -1 ? line : line.slice(0, colon)
  const raw = colon === -1 ? '' : line.slice(colon + 1)
  const value = raw.startsWith(' ') ? raw.slice(1) : raw
  if (name === 'event') pending.event = value
  if (name === 'data') pending.data.push(value)
  if (name === 'id' && !value.includes('\0')) pending.id = value
}
