import { randomUUID } from 'node:crypto'
import WebSocket from 'ws'

/**
 * A process of the benchmark that holds live connections, told by its parent over the channel of
 * `fork`: opens them, counts what each event brings, and tells when. Times are milliseconds since 1970.
 */

/** What the parent says. */
export type CrowdOrder =
  | { kind: 'open'; url: string; count: number; firstAddress: number; addresses: number }
  /** Tell of the event once all have it, or after the bound. */
  | { kind: 'await'; mostMs: number }

/** What this process says. */
export type CrowdNews =
  | { kind: 'opened'; open: number; failed: number }
  | { kind: 'received'; received: number; failed: number; at: readonly number[] }

const QUERY = 'subscription { odds { id price fixture { id home } } }'
/** Each names its subscription otherwise, as real clients do. */
const subscription = () =>
  JSON.stringify({ id: randomUUID(), type: 'subscribe', payload: { query: QUERY } })
/** Opened at once: what the other side can accept without refusing. */
const AT_ONCE = 100
const LOOK_MS = 5

const sockets: WebSocket[] = []
let failed = 0
let arrivals: number[] = []

const now = () => performance.timeOrigin + performance.now()
const say = (news: CrowdNews) => process.send?.(news)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function hear(text: string, subscribed: () => void, socket: WebSocket): void {
  // The one message of thousands that comes often is not parsed: the clients are not what is measured.
  if (text.includes('"type":"next"')) {
    if (text.includes('"errors"')) failed += 1
    else arrivals.push(now())
  } else if (text.includes('"connection_ack"')) {
    socket.send(subscription())
    subscribed()
  } else if (!text.includes('"type":"ping"')) failed += 1
}

/** Resolves when the subscription was asked for, or the connection failed, which is counted. */
function subscribe(url: string, localAddress: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const options = { perMessageDeflate: false, localAddress }
  const socket = new WebSocket(url, 'graphql-transport-ws', options)
  socket.on('open', () => socket.send('{"type":"connection_init"}'))
  socket.on('message', (data) => hear(String(data), resolve, socket))
  socket.on('error', () => resolve())
  socket.on('close', () => {
    failed += 1
    resolve()
  })
  sockets.push(socket)
  return promise
}

async function open({ url, count, firstAddress, addresses }: CrowdOrder & { kind: 'open' }) {
  for (let begun = 0; begun < count; begun += AT_ONCE) {
    const portion = Array.from({ length: Math.min(AT_ONCE, count - begun) }, (_, index) =>
      subscribe(url, `127.0.0.${firstAddress + ((begun + index) % addresses)}`),
    )
    await Promise.all(portion)
  }
  const isOpen = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length
  say({ kind: 'opened', open: isOpen, failed })
}

async function awaitEvent(mostMs: number): Promise<void> {
  const until = now() + mostMs
  while (arrivals.length + failed < sockets.length && now() < until) await pause(LOOK_MS)
  const at = arrivals
  arrivals = []
  say({ kind: 'received', received: at.length, failed, at: at.toSorted((a, b) => a - b) })
}

process.on('message', (order: CrowdOrder) => {
  if (order.kind === 'open') void open(order)
  else void awaitEvent(order.mostMs)
})
process.on('disconnect', () => process.exit(0))
