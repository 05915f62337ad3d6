import { once } from 'node:events'
import { createServer } from 'node:http'
import { buildSchema, execute, subscribe as subscribeTo } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { defaultSettings, type SubgraphSettings } from '#gateway/settings.ts'
import type { SubgraphCaller, SubgraphRequest } from '#gateway/transport/subgraph.ts'
import { createSubgraphs } from '#gateway/transport/subgraphs.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { silentLog } from '../../kit/database.ts'
import { until } from '../../kit/gateway.ts'
import { type LocalServer, startHttpServer } from '../../kit/http-server.ts'

let server: LocalServer
let sockets: WebSocketServer
let subgraphs: ReturnType<typeof createSubgraphs>
const headersSeen: Record<string, unknown>[] = []

beforeEach(async () => {
  const http = await startHttpServer((_request, response) => response.writeHead(404).end())
  server = http
  headersSeen.length = 0
})
afterEach(async () => {
  await subgraphs.close()
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
  await server.close()
})

const caller = { viewer: anonymousViewer('r-1'), requestId: 'r-1' }
const TICKS: SubgraphRequest = {
  kind: 'subscription',
  query: 'subscription ($from: Int) { ticks(from: $from) }',
  variables: { from: 3 },
  extensions: { resume: 'c' },
}
const quick = { timeoutMs: 2_000, retryMs: 0, streamIdleMs: 400 }
const failure = (code: string) => ({ code, extensions: { code, subgraph: 'odd' } })

async function listenOnSockets(port = 0) {
  sockets = new WebSocketServer({
    port,
    host: '127.0.0.1',
    handleProtocols: () => 'graphql-transport-ws',
  })
  await once(sockets, 'listening')
  sockets.on('connection', (_socket, { headers }) => headersSeen.push(headers))
  return (sockets.address() as { port: number }).port
}

function subgraphAt(port: number, settings: Partial<SubgraphSettings> = {}) {
  subgraphs = createSubgraphs({
    ...{ local: {}, tokens: null, randomness: systemRandomness, log: silentLog },
    settings: { ...defaultSettings.subgraph, ...quick, streams: { odd: 'ws' }, ...settings },
    watch: { fetched: () => undefined },
  })
  const { subscribe } = subgraphs.at({ name: 'odd', url: `http://127.0.0.1:${port}/graphql` })
  return (more: Partial<SubgraphCaller> = {}) => subscribe(TICKS, { ...caller, ...more })
}

const schema = buildSchema('type Query { x: Int } type Subscription { ticks(from: Int): Int }')
const state = { ended: 0, payloads: [] as unknown[] }

/** A subgraph made with graphql-ws, which ticks as often as it is told. */
async function serveTicks(ticks: (from: number) => AsyncIterable<{ ticks: number }>) {
  state.ended = 0
  state.payloads.length = 0
  const port = await listenOnSockets()
  useServer(
    {
      schema,
      execute,
      subscribe: (args) => subscribeTo(args),
      onSubscribe: (_context, _id, payload) => void state.payloads.push(payload),
      roots: {
        subscription: {
          async *ticks({ from }: { from: number }) {
            try {
              yield* ticks(from)
            } finally {
              state.ended++
            }
          },
        },
      },
    },
    sockets,
  )
  return port
}

async function* count(from: number) {
  for (let tick = from; tick < from + 3; tick++) yield { ticks: tick }
}

const all = async (stream: AsyncIterable<unknown>) => {
  const seen: unknown[] = []
  for await (const answer of stream) seen.push(answer)
  return seen
}

describe('a subgraph on graphql-transport-ws', () => {
  test('streams its answers to their end, and is told all that it is asked', async () => {
    const subscribe = subgraphAt(await serveTicks(count))
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const ticks = [3, 4, 5].map((tick) => ({ data: { ticks: tick } }))
    expect(await all(subscribe({ traceparent }))).toEqual(ticks)
    const { query, variables, extensions } = TICKS
    expect(state.payloads).toEqual([{ query, variables, extensions }])
    expect(headersSeen[0]).toMatchObject({ 'x-request-id': 'r-1', traceparent })
    await until(() => sockets.clients.size === 0)
  })

  test('is left when the asker leaves, and each asker has a socket of their own', async () => {
    async function* forever() {
      for (let tick = 0; ; tick++) {
        yield { ticks: tick }
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    const subscribe = subgraphAt(await serveTicks(forever))
    const leaving = new AbortController()
    const [one, other] = [subscribe({ signal: leaving.signal }), subscribe()]
    await Promise.all([one.next(), other.next()])
    expect(sockets.clients.size).toBe(2)
    leaving.abort(new Error('gone'))
    await expect(all(one)).rejects.toThrow('gone')
    await until(() => state.ended === 1 && sockets.clients.size === 1)
    expect((await other.next()).done).toBe(false)
    await other.return(undefined)
    await until(() => state.ended === 2 && sockets.clients.size === 0)
  })

  test('that answers with errors ends with them', async () => {
    const subscribe = subgraphAt(await serveTicks(count))
    const wrong = subgraphs
      .at({
        name: 'odd',
        url: `http://127.0.0.1:${(sockets.address() as { port: number }).port}/graphql`,
      })
      .subscribe({ ...TICKS, query: 'subscription { nothing }' }, caller)
    const [answer, ...more] = await all(wrong)
    expect(answer).toMatchObject({ errors: [{ message: expect.stringContaining('nothing') }] })
    expect(more).toEqual([])
    expect(await all(subscribe())).toHaveLength(3)
  })

  test('is not read faster than its answers are taken', async () => {
    const port = await listenOnSockets()
    const pad = 'x'.repeat(50_000)
    sockets.on('connection', (socket) =>
      acknowledge(socket, () => {
        for (let tick = 0; tick < 400; tick++)
          socket.send(
            `{"id":"1","type":"next","payload":{"data":{"ticks":${tick},"pad":"${pad}"}}}`,
          )
        socket.send('{"id":"1","type":"complete"}')
      }),
    )
    const stream = subgraphAt(port, { streamIdleMs: 300 })()
    await stream.next()
    // Longer than a silent stream may last: whoever is not read cannot be heard.
    await new Promise((resolve) => setTimeout(resolve, 700))
    const [socket] = sockets.clients
    expect(socket?.bufferedAmount).toBeGreaterThan(1_000_000)
    const ticks = (await all(stream)).map((answer) => (answer as { data: object }).data)
    expect(ticks).toHaveLength(399)
    expect(ticks.at(-1)).toMatchObject({ ticks: 399 })
  })

  test('is alive while it answers pings, and dead when it does not', async () => {
    const port = await listenOnSockets()
    sockets.on('connection', (socket) => acknowledge(socket))
    const subscribe = subgraphAt(port, { streamIdleMs: 150 })
    const quiet = subscribe()
    const first = quiet.next()
    const outcome = await Promise.race([
      first.catch((cause: unknown) => cause),
      new Promise((resolve) => setTimeout(resolve, 600, 'alive')),
    ])
    expect(outcome).toBe('alive')
    for (const socket of sockets.clients) socket.pause()
    await expect(first).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
  })
})

/** Answers the greeting as the protocol wants it. */
function acknowledge(socket: WebSocket, then: () => void = () => {}) {
  socket.on('message', (text) => {
    const { type } = JSON.parse(String(text)) as { type: string }
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
    if (type === 'subscribe') then()
  })
}

const NEXT = '{"id":"1","type":"next","payload":{"data":{"ticks":1}}}'

describe('a subgraph that misbehaves on its socket', () => {
  const afterwards: [string, (socket: WebSocket) => void][] = [
    ['garbage', (socket) => socket.send('{"id":"1","type":')],
    ['bytes', (socket) => socket.send(Buffer.from(NEXT))],
    ['a list', (socket) => socket.send('[]')],
    ['an unknown word', (socket) => socket.send('{"id":"1","type":"data"}')],
    ['an answer to nobody', (socket) => socket.send(NEXT.replace('"1"', '"2"'))],
    ['an answer that is none', (socket) => socket.send('{"id":"1","type":"next","payload":{}}')],
    ['errors that are none', (socket) => socket.send('{"id":"1","type":"error","payload":"x"}')],
    ['a second greeting', (socket) => socket.send('{"type":"connection_ack"}')],
    ['too much at once', (socket) => socket.send(NEXT.replace('}}}', `}}${' '.repeat(5_000)}}`))],
    ['a refusal', (socket) => socket.close(4403, 'Forbidden')],
    ['a flood of pings', (socket) => flood(() => socket.send('{"type":"ping"}'))],
    ['a flood of pongs', (socket) => flood(() => socket.send('{"type":"pong"}'))],
    ['a flood of pings below', (socket) => flood(() => socket.ping())],
    ['a flood of pongs below', (socket) => flood(() => socket.pong())],
  ]
  const flood = (send: () => void) => {
    for (let times = 0; times < 500; times++) send()
  }

  test.each(afterwards)(
    'by %s ends with a code, and its neighbour goes on',
    async (_what, misbehave) => {
      const port = await listenOnSockets()
      sockets.on('connection', (socket) =>
        acknowledge(socket, () => {
          socket.send(NEXT)
          if (sockets.clients.size > 1) misbehave(socket)
        }),
      )
      const subscribe = subgraphAt(port, { eventBytes: 1_000 })
      const neighbour = subscribe()
      await neighbour.next()
      const stream = subscribe()
      expect((await stream.next()).value).toEqual({ data: { ticks: 1 } })
      await expect(stream.next()).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
      expect(await stream.next()).toEqual({ done: true, value: undefined })
      const [kept] = sockets.clients
      kept?.send(NEXT)
      expect((await neighbour.next()).value).toEqual({ data: { ticks: 1 } })
      await neighbour.return(undefined)
      await until(() => sockets.clients.size === 0)
    },
  )

  test.each([
    ['cut in the middle', (socket: WebSocket) => socket.terminate()],
    ['closed as if all were well', (socket: WebSocket) => socket.close(1000)],
    ['closed for a restart', (socket: WebSocket) => socket.close(1012)],
  ])('%s ends what came before with SUBGRAPH_UNREACHABLE', async (_what, close) => {
    const port = await listenOnSockets()
    sockets.on('connection', (socket) =>
      acknowledge(socket, () => socket.send(NEXT, () => close(socket))),
    )
    const stream = subgraphAt(port)()
    expect((await stream.next()).value).toEqual({ data: { ticks: 1 } })
    await expect(stream.next()).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
  })

  test.each([
    ['answers before it is asked', 'SUBGRAPH_ANSWER_INVALID', NEXT],
    ['ends before it began', 'SUBGRAPH_ANSWER_INVALID', '{"id":"1","type":"complete"}'],
    ['never greets back', 'SUBGRAPH_TIMEOUT', null],
  ])('that %s answers %s', async (_what, code, word) => {
    const port = await listenOnSockets()
    sockets.on('connection', (socket) => word && socket.send(word))
    const stream = subgraphAt(port, { timeoutMs: 200, streamIdleMs: 5_000 })()
    await expect(stream.next()).rejects.toMatchObject(failure(code))
    await until(() => sockets.clients.size === 0)
  })

  test.each([
    ['nobody', 'SUBGRAPH_UNREACHABLE', null],
    ['HTTP alone', 'SUBGRAPH_ANSWER_INVALID', 404],
    ['a redirect', 'SUBGRAPH_ANSWER_INVALID', 301],
    ['a door that takes nothing', 'SUBGRAPH_UNREACHABLE', 503],
  ])('an address of %s answers %s', async (_what, code, status) => {
    await listenOnSockets()
    const door = createServer()
    door.on('upgrade', (_request, socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nlocation: /\r\ncontent-length: 0\r\n\r\n`)
    })
    door.listen(0, '127.0.0.1')
    await once(door, 'listening')
    const { port } = door.address() as { port: number }
    if (status === null) door.close()
    const stream = subgraphAt(port)()
    await expect(stream.next()).rejects.toMatchObject(failure(code))
    door.close()
  })

  test('that takes another protocol is not spoken to', async () => {
    sockets = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: () => 'graphql-ws',
    })
    await once(sockets, 'listening')
    const stream = subgraphAt((sockets.address() as { port: number }).port)()
    await expect(stream.next()).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
  })

  test('an asker who leaves while it is opened leaves nothing behind', async () => {
    const port = await listenOnSockets()
    const leaving = new AbortController()
    const stream = subgraphAt(port)({ signal: leaving.signal })
    const first = stream.next()
    await once(sockets, 'connection')
    leaving.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    await until(() => sockets.clients.size === 0)
  })
})

test('with a platform, whose tokens are bound to each request, it is refused at start', async () => {
  await listenOnSockets()
  subgraphAt(1)
  const tokens = { mint: () => '', learn: () => false, clockOffsets: () => ({}) }
  const settings = { ...defaultSettings.subgraph, streams: { odd: 'ws' } as const }
  const deps = { local: {}, randomness: systemRandomness, log: silentLog, settings, tokens }
  expect(() => createSubgraphs({ ...deps, watch: { fetched: () => undefined } })).toThrow(
    expect.objectContaining({ code: 'SUBGRAPH_STREAMS_REFUSED' }),
  )
})
