/** One event of `text/event-stream`. */
export type StreamEvent = { event: string; id: string | null; data: string }

const LONGEST = 4_000_000

function eventOf(block: string): StreamEvent | null {
  const found: StreamEvent = { event: 'message', id: null, data: '' }
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const [name, value] =
      colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
    if (name === 'event') found.event = value
    if (name === 'id') found.id = value
    if (name === 'data') data.push(value)
  }
  found.data = data.join('\n')
  // Comments keep the connection alive, and are no events.
  return block.split('\n').every((line) => line === '' || line.startsWith(':')) ? null : found
}

/** Reads events until the stream ends. @throws RangeError for an event that is longer than any may be */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      rest += decoder.decode(value, { stream: true }).replaceAll('\r\n', '\n')
      if (rest.length > LONGEST) throw new RangeError('One event is too long to be shown.')
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = eventOf(block)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
