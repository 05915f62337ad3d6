import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

type Data = Readonly<Record<string, unknown>>

/** An answer on a live line. */
export type Result = {
  data?: Data | null
  errors?: readonly { extensions?: { code?: string } }[]
  extensions?: { cursor?: string }
}

/** One connection: ends when the line does. */
export type Line = {
  /** The subscription, which takes no variables. */
  query: string
  after: string
  token: string
  accept: (result: Result, cursor: string | undefined) => void
  signal: AbortSignal
}

export type Follow = (url: string, line: Line) => Promise<void>

/** By graphql-ws, its own retrying off. */
export const overSocket: Follow = async (url, { query, after, token, accept, signal }) => {
  const sockets: WebSocket[] = []
  class OwnSocket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols)
      sockets.push(this)
    }
  }
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: OwnSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  })
  signal.addEventListener('abort', () => {
    for (const socket of sockets) socket.terminate()
  })
  await new Promise<void>((done) => {
    client.subscribe(
      { query, extensions: { resume: after } },
      {
        next: (result) => accept(result as Result, (result as Result).extensions?.cursor),
        error: () => done(),
        complete: () => done(),
      },
    )
  })
  await client.dispose()
}

type ReadText = { text: string; accept: Line['accept'] }

function readEvents({ text, accept }: ReadText): string {
  const events = text.split('\n\n')
  const rest = events.pop() ?? ''
  for (const event of events) {
    const lines = event.split('\n').map((line) => [line.split(':', 1)[0] ?? '', line] as const)
    const fields = new Map(lines.map(([name, line]) => [name, line.slice(name.length + 1).trim()]))
    if (fields.get('event') !== 'next') continue
    accept(JSON.parse(fields.get('data') ?? 'null') as Result, fields.get('id'))
  }
  return rest
}

/** By server-sent events and plain fetch. */
export const overEventStream: Follow = async (url, line) => {
  const { query, after, token, accept, signal } = line
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      'last-event-id': after,
    },
    body: JSON.stringify({ query }),
    signal,
  })
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of response.body ?? []) {
    text = readEvents({ text: text + decoder.decode(bytes, { stream: true }), accept })
  }
}
