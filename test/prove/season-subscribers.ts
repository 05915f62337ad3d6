import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** A price as a subscriber saw it. */
export type SeenPrice = {
  id: string
  cursor: string
  /** Milliseconds of the clock at its arrival. */
  seenAt: number
  /** Milliseconds of the clock when the connection that brought it was opened. */
  connectedAt: number
}

/** Somebody who follows all prices, and comes back with the last cursor whenever the line is cut. */
export type Subscriber = {
  name: string
  seen: readonly SeenPrice[]
  /** Codes of what it was refused. */
  refusals: readonly string[]
  /** Why lines ended that it did not cut itself, each reason once. */
  troubles: ReadonlySet<string>
  /** Connections that brought at least one price. */
  connections: () => number
  /** Cuts the line without a word, as a lost network does. */
  cut: () => void
  stop: () => Promise<void>
}

export type SubscriberDeps = {
  name: string
  url: string
  /** An access token; asks the platform for one. */
  token: () => Promise<string>
  /** Told after each price with how many there are. */
  onPrice?: (count: number) => void
}

type Result = {
  data?: { oddsChanged: { id: string } | null } | null
  errors?: readonly { extensions?: { code?: string } }[]
  extensions?: { cursor?: string }
}

/** One connection: ends when the line does. */
type Line = {
  after: string
  token: string
  accept: (result: Result, cursor: string | undefined) => void
  signal: AbortSignal
}

export type Follow = (url: string, line: Line) => Promise<void>

const QUERY = 'subscription EveryPrice { oddsChanged { id odds previousOdds source at } }'
/** In place of a cursor: from the oldest price that the platform holds. */
const FROM_BEGINNING = 'beginning'
const COME_BACK_MS = 25

/** By graphql-ws, its own retrying off. */
export const overSocket: Follow = async (url, { after, token, accept, signal }) => {
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
      { query: QUERY, extensions: { resume: after } },
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
export const overEventStream: Follow = async (url, { after, token, accept, signal }) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      'last-event-id': after,
    },
    body: JSON.stringify({ query: QUERY }),
    signal,
  })
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of response.body ?? []) {
    text = readEvents({ text: text + decoder.decode(bytes, { stream: true }), accept })
  }
}

/** A journal of what came, whatever the connection. */
function createJournal({ onPrice = () => {} }: SubscriberDeps) {
  const seen: SeenPrice[] = []
  const refusals: string[] = []
  let cursor = FROM_BEGINNING
  return {
    seen,
    refusals,
    cursor: () => cursor,
    acceptor: (signal: AbortSignal, connectedAt: number): Line['accept'] => {
      return ({ data, errors = [] }, at) => {
        if (signal.aborted) return
        refusals.push(...errors.map(({ extensions }) => extensions?.code ?? 'none'))
        if (!data?.oddsChanged || at === undefined) return
        cursor = at
        seen.push({ id: data.oddsChanged.id, cursor: at, seenAt: Date.now(), connectedAt })
        onPrice(seen.length)
      }
    },
  }
}

/** Follows all prices from the oldest one held, for ever. */
export function startSubscriber(follow: Follow, deps: SubscriberDeps): Subscriber {
  const journal = createJournal(deps)
  const troubles = new Set<string>()
  let line = new AbortController()
  let isStopped = false
  const connect = async () => {
    line = new AbortController()
    const { signal } = line
    const accept = journal.acceptor(signal, Date.now())
    const token = await deps.token()
    await follow(deps.url, { after: journal.cursor(), token, accept, signal })
  }
  const comeBack = async () => {
    while (!isStopped) {
      // A platform that is down and a line that is cut are the same to it: it comes back.
      await connect().catch((failure: unknown) => {
        troubles.add(String(failure))
      })
      line.abort()
      await new Promise((done) => setTimeout(done, COME_BACK_MS))
    }
  }
  const ended = comeBack()
  return {
    name: deps.name,
    seen: journal.seen,
    refusals: journal.refusals,
    troubles,
    connections: () => new Set(journal.seen.map(({ connectedAt }) => connectedAt)).size,
    cut: () => line.abort(),
    stop: async () => {
      isStopped = true
      line.abort()
      await ended
    },
  }
}
