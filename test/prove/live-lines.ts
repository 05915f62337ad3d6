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
  /** Told once, when the other side has taken the connection. */
  opened: () => void
  signal: AbortSignal
}

/** Resolves with why the line ended, as far as its end says. */
export type Follow = (url: string, line: Line) => Promise<string>

const ENDED = 'ENDED'

/** What graphql-ws tells of an end: errors of the operation, the closing of the socket, or its failure. */
function reasonOf(told: unknown): string {
  if (Array.isArray(told)) return String(told[0]?.extensions?.code ?? 'none')
  const { code } = (told ?? {}) as { code?: unknown }
  return typeof code === 'number' ? `CLOSED_${code}` : 'NO_CONNECTION'
}

/** By graphql-ws, its own retrying off. */
export const overSocket: Follow = async (url, line) => {
  const { query, after, token, accept, opened, signal } = line
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
    on: { connected: opened },
  })
  signal.addEventListener('abort', () => {
    for (const socket of sockets) socket.terminate()
  })
  const reason = await new Promise<string>((done) => {
    client.subscribe(
      { query, extensions: { resume: after } },
      {
        next: (result) => accept(result as Result, (result as Result).extensions?.cursor),
        error: (told) => done(reasonOf(told)),
        complete: () => done(ENDED),
      },
    )
  })
  await client.dispose()
  return reason
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

type Part = { payload?: Result | null; errors?: Result['errors'] }

function readParts({ text, accept }: ReadText): string {
  const parts = text.split('\r\n--graphql')
  const rest = parts.pop() ?? ''
  for (const part of parts) {
    const begins = part.indexOf('\r\n\r\n')
    if (begins < 0) continue
    const { payload, errors } = JSON.parse(part.slice(begins)) as Part
    if (payload) accept(payload, payload.extensions?.cursor)
    else if (errors) accept({ errors }, undefined)
  }
  return rest
}

/** By Apollo's multipart protocol and plain fetch. */
export const overMultipart: Follow = async (url, line) => {
  const { query, after, token, accept, opened, signal } = line
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query, extensions: { resume: after } }),
    signal,
  })
  const isStream = response.headers.get('content-type')?.startsWith('multipart/mixed')
  if (!isStream) return refusalOf(response)
  opened()
  return readToEnd(response, (text) => readParts({ text, accept }))
}

/** Reads what comes; `read` takes what is whole and gives the rest back. */
async function readToEnd({ body }: Response, read: (text: string) => string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body ?? []) text = read(text + decoder.decode(bytes, { stream: true }))
  return ENDED
}

/** Refused before it became a stream. */
async function refusalOf(response: Response): Promise<string> {
  const said = (await response.json().catch(() => null)) as Result | null
  return said?.errors?.[0]?.extensions?.code ?? `HTTP_${response.status}`
}

/** By server-sent events and plain fetch. */
export const overEventStream: Follow = async (url, line) => {
  const { query, after, token, accept, opened, signal } = line
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
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  if (!isStream) return refusalOf(response)
  opened()
  return readToEnd(response, (text) => readEvents({ text, accept }))
}
