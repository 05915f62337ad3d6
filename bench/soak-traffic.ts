import WebSocket from 'ws'

/** What clients did and met. */
export type TrafficCounts = {
  queries: number
  failedQueries: number
  connections: number
  cutByClients: number
  closedByGateway: number
  slowReaders: number
  events: number
}

export type Traffic = { counts: TrafficCounts; stop: () => Promise<void> }

const SUBSCRIBE = JSON.stringify({
  id: '1',
  type: 'subscribe',
  payload: { query: 'subscription { odds { id price fixture { id home } } }' },
})
const QUERY = { method: 'POST', headers: { 'content-type': 'application/json' } }
const LONGEST_STAY_MS = 6_000
const SLOW_MS = 4_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

type Address = { host: string; isOver: () => boolean; counts: TrafficCounts }

/** One connection after the other, each cut without a word after a while; a slow one reads nothing. */
async function subscriber({ host, isOver, counts }: Address, isSlow: boolean): Promise<void> {
  while (!isOver()) {
    const socket = new WebSocket(`ws://${host}`, 'graphql-transport-ws')
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.on('open', () => {
      counts.connections += 1
      socket.send('{"type":"connection_init"}')
    })
    socket.on('message', (data) => {
      const text = String(data)
      if (text.includes('"connection_ack"')) socket.send(SUBSCRIBE)
      else if (text.includes('"next"')) counts.events += 1
      if (isSlow && text.includes('"connection_ack"')) socket.pause()
    })
    await Promise.race([closed, pause(isSlow ? SLOW_MS : 500 + Math.random() * LONGEST_STAY_MS)])
    const isCut = socket.readyState === WebSocket.OPEN
    if (isCut) counts[isSlow ? 'slowReaders' : 'cutByClients'] += 1
    else counts.closedByGateway += 1
    socket.terminate()
    await pause(20)
  }
}

/** Queries one after the other; each a little different from the one before. */
async function asker({ host, isOver, counts }: Address): Promise<void> {
  for (let index = 0; !isOver(); index += 1) {
    const body = JSON.stringify({ query: `{ a b x${index % 300}: a }` })
    const isAnswered = await fetch(`http://${host}`, { ...QUERY, body }).then(
      async (response) => (await response.json()) !== null && response.ok,
      // A gateway that is gone is what the table is to show.
      () => false,
    )
    counts[isAnswered ? 'queries' : 'failedQueries'] += 1
    await pause(10)
  }
}

/** Clients of every kind at a gateway until they are stopped. */
export function startTraffic(
  host: string,
  { subscribers, slow, askers }: { subscribers: number; slow: number; askers: number },
): Traffic {
  const counts: TrafficCounts = {
    ...{ queries: 0, failedQueries: 0, connections: 0, cutByClients: 0 },
    ...{ closedByGateway: 0, slowReaders: 0, events: 0 },
  }
  let over = false
  const address = { host, isOver: () => over, counts }
  const all = [
    ...Array.from({ length: subscribers }, () => subscriber(address, false)),
    ...Array.from({ length: slow }, () => subscriber(address, true)),
    ...Array.from({ length: askers }, () => asker(address)),
  ]
  return {
    counts,
    stop: async () => {
      over = true
      await Promise.all(all)
    },
  }
}
