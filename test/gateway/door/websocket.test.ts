import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createConnectionSweep } from '#gateway/live/connection-sweep.ts'
import { createWebSocketProtocol, SUBPROTOCOL } from '#gateway/live/websocket-protocol.ts'
import { gatewaySettings, type SettingsOverride } from '#gateway/settings.ts'
import { createLog } from '#kernel/log.ts'
import { createDesk, type Desk } from '../../kit/desk-world.ts'
import {
  type GatewayWorld,
  startStandaloneWorld,
  subscriptionsAt,
  until,
} from '../../kit/gateway.ts'
import { openRawSocket, type RawSocket } from '../../kit/raw-socket.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const MOVED = 'subscription { moved { id at odds padding } }'

let world: GatewayWorld
let desk: Desk

async function open(
  live: SettingsOverride['live'] = {},
  made: Parameters<typeof createDesk>[0] = {},
) {
  const { source, desk: opened } = createDesk(made)
  desk = opened
  const subgraphs = [source, ...readersAndBooks().sources]
  world = await startStandaloneWorld({ subgraphs, settings: { live } })
}
afterEach(() => world[Symbol.asyncDispose]())

const subscribeTo = (socket: RawSocket, id: string, query = MOVED, extensions = {}) =>
  socket.send({ id, type: 'subscribe', payload: { query, extensions } })

type Told = {
  data?: Record<string, { odds?: number; id?: string } | null>
  extensions?: Record<string, unknown>
}
const toldTo = (socket: RawSocket, id: string) =>
  socket.of('next', id).map(({ payload }) => payload as Told)
const oddsTold = (socket: RawSocket, id: string) =>
  toldTo(socket, id).flatMap(({ data }) => Object.values(data ?? {}).map((price) => price?.odds))

describe('the protocol', () => {
  beforeEach(() => open())

  test('acknowledges an introduction, and answers pings with what they carry', async () => {
    await using socket = await openRawSocket(world.websocket, { any: 'thing' })
    expect(socket.texts).toEqual(['{"type":"connection_ack"}'])
    socket.send({ type: 'pong', payload: { ignored: true } })
    socket.send({ type: 'ping' })
    socket.send({ type: 'ping', payload: { at: 1 } })
    await until(() => socket.texts.length === 3)
    expect(socket.texts.slice(1)).toEqual(['{"type":"pong"}', '{"type":"pong","payload":{"at":1}}'])
  })

  test('pings before the introduction are answered too', async () => {
    await using socket = await openRawSocket(world.websocket, null)
    socket.send({ type: 'ping' })
    await until(() => socket.texts.length === 1)
    expect(socket.texts).toEqual(['{"type":"pong"}'])
  })

  test.each([
    ['no JSON', 'nonsense', 4400],
    ['no object', '[]', 4400],
    ['an unknown type', '{"type":"hello"}', 4400],
    ['a type of the server', '{"id":"1","type":"next","payload":{}}', 4400],
    ['an acknowledgement', '{"type":"connection_ack"}', 4400],
    ['a subscription without a query', '{"id":"1","type":"subscribe","payload":{}}', 4400],
    [
      'a subscription without an id',
      '{"type":"subscribe","payload":{"query":"{ nothing }"}}',
      4400,
    ],
    ['an empty id', '{"id":"","type":"complete"}', 4400],
    ['an endless id', JSON.stringify({ id: 'x'.repeat(257), type: 'complete' }), 4400],
    ['bytes', Buffer.from('{"type":"ping"}'), 4400],
    ['a second introduction', '{"type":"connection_init"}', 4429],
  ])('is broken by %s: the connection is closed with a code', async (_what, message, code) => {
    await using socket = await openRawSocket(world.websocket)
    socket.socket.send(message)
    expect((await socket.closed).code).toBe(code)
  })

  test('is broken by an id that is in use', async () => {
    await using socket = await openRawSocket(world.websocket)
    subscribeTo(socket, 'one')
    subscribeTo(socket, 'one')
    expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber already exists' })
    await until(() => desk.listeners() === 0)
  })

  test('is broken by a subscription while the introduction is being answered', async () => {
    await using socket = await openRawSocket(world.websocket, null)
    socket.send({ type: 'connection_init', payload: { authorization: 'Bearer nonsense' } })
    subscribeTo(socket, '1')
    expect([4401, 4403]).toContain((await socket.closed).code)
  })

  test('after an error says nothing more of an operation, whose id may be used again', async () => {
    await using socket = await openRawSocket(world.websocket)
    for (const query of ['{ nobody }', 'subscription {', '{ nothing } { nothing }']) {
      subscribeTo(socket, '1', query)
      await until(() => socket.of('error', '1').length === 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(socket.received.filter(({ id }) => id === '1').map(({ type }) => type)).toEqual([
        'error',
      ])
      socket.received.length = 0
    }
    subscribeTo(socket, '1', '{ me { name } }')
    await until(() => socket.of('complete', '1').length === 1)
    expect(socket.received).toEqual([
      { id: '1', type: 'next', payload: { data: { me: { name: 'Ada' } } } },
      { id: '1', type: 'complete' },
    ])
  })

  test('answers queries and changes, in whatever order they are done', async () => {
    await using socket = await openRawSocket(world.websocket)
    subscribeTo(socket, 'q', '{ me { name books } }')
    subscribeTo(socket, 'm', 'mutation { rename(name: "Grace") { name } }')
    await until(() => socket.of('complete').length === 2)
    expect(toldTo(socket, 'q')).toEqual([{ data: { me: { name: 'Ada', books: ['book of 1'] } } }])
    expect(toldTo(socket, 'm')).toEqual([{ data: { rename: { name: 'Grace' } } }])
  })

  test('sends nothing more of what the client has completed', async () => {
    await using socket = await openRawSocket(world.websocket)
    subscribeTo(socket, 'mine')
    subscribeTo(socket, 'other')
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(2)
    await until(() => desk.listeners() === 1)
    desk.happen('a', 1)
    await until(() => oddsTold(socket, 'other').length === 1)
    socket.send({ id: 'mine', type: 'complete' })
    socket.send({ id: 'nobody', type: 'complete' })
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(1)
    await until(() => desk.listeners() === 1)
    desk.happen('a', 2)
    await until(() => oddsTold(socket, 'other').length === 2)
    expect(oddsTold(socket, 'mine')).toEqual([1])
    expect(socket.of('complete')).toEqual([])
    expect(desk.opened).toHaveLength(1)
  })

  test('completes what is left before it began, and lets go of its stream', async () => {
    await using socket = await openRawSocket(world.websocket)
    for (let round = 0; round < 20; round++) {
      subscribeTo(socket, '1')
      socket.send({ id: '1', type: 'complete' })
    }
    socket.send({ type: 'ping' })
    await until(() => socket.of('pong').length === 1)
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(0)
    await until(() => desk.listeners() === 0)
    expect(socket.received.map(({ type }) => type)).toEqual(['connection_ack', 'pong'])
  })

  test('frames the same bytes for each by its own id', async () => {
    const ids = ['1', 'a-long-id', 'with "quotes" and \\']
    const sockets = await Promise.all(ids.map(() => openRawSocket(world.websocket)))
    for (const [index, id] of ids.entries()) {
      const [socket] = sockets.slice(index)
      if (socket) subscribeTo(socket, id)
    }
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(3)
    await until(() => desk.listeners() === 1)
    desk.happen('a', 7)
    await until(() => sockets.every(({ of }) => of('next').length === 1))
    const payload =
      '{"data":{"moved":{"id":"a","at":1,"odds":7,"padding":""}},"extensions":{"cursor":"c1"}}'
    expect(sockets.map(({ texts }) => texts[1])).toEqual(
      ids.map((id) => `{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`),
    )
    await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()))
  })
})

describe('a flood', () => {
  test('of messages closes the connection, for a while', async () => {
    await open({ messagesPerSecond: 10 })
    await using socket = await openRawSocket(world.websocket)
    for (let count = 0; count < 40; count++) socket.send({ type: 'pong' })
    expect(await socket.closed).toEqual({ code: 1013, reason: 'Too many messages' })
  })

  test('of pings closes the connection, for a while', async () => {
    await open({ pingsPerSecond: 2 })
    await using socket = await openRawSocket(world.websocket)
    for (let count = 0; count < 20; count++) socket.send({ type: 'ping' })
    expect(await socket.closed).toEqual({ code: 1013, reason: 'Too many pings' })
    expect(socket.of('pong').length).toBeLessThanOrEqual(8)
  })

  test('of operations is refused, operation by operation; the connection and what runs on it stay', async () => {
    await open({ operationsPerSecond: 2, subscriptionsPerConnection: 100 })
    await using socket = await openRawSocket(world.websocket)
    subscribeTo(socket, 'runs')
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(1)
    await until(() => desk.listeners() === 1)
    for (let count = 0; count < 20; count++) subscribeTo(socket, `q${count}`, '{ nothing }')
    await until(() => socket.of('error').length + socket.of('complete').length === 20)
    const codes = socket
      .of('error')
      .map(({ payload }) => (payload as { extensions: { code: string } }[])[0]?.extensions.code)
    expect(codes.length).toBeGreaterThanOrEqual(15)
    expect(new Set(codes)).toEqual(new Set(['OPERATION_RATE_LIMIT']))
    desk.happen('a', 1)
    await until(() => oddsTold(socket, 'runs').length === 1)
  })

  test('within the bounds is none', async () => {
    await open({ messagesPerSecond: 50, pingsPerSecond: 50 })
    await using socket = await openRawSocket(world.websocket)
    for (let count = 0; count < 80; count++) socket.send({ type: 'ping' })
    await until(() => socket.of('pong').length === 80)
  })
})

describe('a connection that does not read', () => {
  const padding = 'x'.repeat(20_000)

  test('of what happens is let go once too much waits, and goes on where it was', async () => {
    await open({ heldEvents: 50, heldCharacters: 10_000_000 }, { padding })
    await using quick = await openRawSocket(world.websocket)
    await using slow = await openRawSocket(world.websocket)
    for (const socket of [quick, slow]) subscribeTo(socket, '1')
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(2)
    await until(() => desk.listeners() === 1)
    slow.socket.pause()
    let odds = 0
    while (odds < 600) {
      for (let count = 0; count < 20; count++) desk.happen('a', ++odds)
      await until(() => oddsTold(quick, '1').length === odds)
    }
    slow.socket.resume()
    expect(await slow.closed).toEqual({ code: 1013, reason: 'Too slow' })
    const heard = oddsTold(slow, '1')
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.length).toBeLessThan(600)
    expect(heard).toEqual(Array.from({ length: heard.length }, (_, index) => index + 1))
    // On a busy machine the next one may be let go, too, and goes on once more.
    let last = slow
    for (let rounds = 0; heard.at(-1) !== 601; rounds++) {
      expect(rounds).toBeLessThan(20)
      const again = await openRawSocket(world.websocket)
      subscribeTo(again, '1', MOVED, { resume: toldTo(last, '1').at(-1)?.extensions?.cursor })
      if (rounds === 0) desk.happen('a', 601)
      const isClosed = () => again.socket.readyState === again.socket.CLOSED
      await until(() => oddsTold(again, '1').at(-1) === 601 || isClosed())
      if (isClosed()) expect(await again.closed).toEqual({ code: 1013, reason: 'Too slow' })
      heard.push(...oddsTold(again, '1').map(Number))
      await again[Symbol.asyncDispose]()
      if (oddsTold(again, '1').length > 0) last = again
    }
    expect(heard).toEqual(Array.from({ length: 601 }, (_, index) => index + 1))
    await until(() => desk.listeners() === 1)
  })

  test('of states, which it takes conflated, is told the latest of each when it reads again, marked, and stays', async () => {
    await open({ heldEvents: 50, heldCharacters: 10_000_000 }, { padding, isOfStates: true })
    await using quick = await openRawSocket(world.websocket)
    await using slow = await openRawSocket(world.websocket)
    for (const socket of [quick, slow]) subscribeTo(socket, '1', MOVED, { conflateMs: 0 })
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(2)
    await until(() => desk.listeners() === 1)
    slow.socket.pause()
    const things = ['a', 'b', 'c', 'd', 'e']
    let odds = 0
    while (odds < 600) {
      for (const id of things) desk.happen(id, ++odds)
      await until(() => toldTo(quick, '1').at(-1)?.data?.moved?.odds === odds)
    }
    slow.socket.resume()
    await until(() => oddsTold(slow, '1').at(-1) === 600)
    const told = toldTo(slow, '1')
    expect(told.length).toBeLessThan(590)
    const latest = new Map(told.map(({ data }) => [data?.moved?.id, data?.moved?.odds]))
    expect([...latest].sort()).toEqual([
      ['a', 596],
      ['b', 597],
      ['c', 598],
      ['d', 599],
      ['e', 600],
    ])
    expect(told.at(-1)?.extensions).toEqual({ cursor: 'c600', conflated: true })
    expect(slow.socket.readyState).toBe(slow.socket.OPEN)
  })

  test('for too long is let go, whatever waits for it', async () => {
    await open({ stalledMs: 300 }, { padding, isOfStates: true })
    await using socket = await openRawSocket(world.websocket)
    subscribeTo(socket, '1')
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(1)
    await until(() => desk.listeners() === 1)
    socket.socket.pause()
    for (let odds = 1; odds <= 1000; odds++) desk.happen(String(odds), odds)
    await until(() => desk.listeners() === 0)
    socket.socket.resume()
    expect((await socket.closed).code).toBeOneOf([1013, 1006])
  })
})

test('a gateway that stops asks its connections to leave one after another', async () => {
  await open({ drainMs: 2_000 })
  const sockets = await Promise.all(
    Array.from({ length: 60 }, () => openRawSocket(world.websocket)),
  )
  const started = performance.now()
  const left = sockets.map(async ({ closed }) => ({
    ...(await closed),
    after: performance.now() - started,
  }))
  const closing = world.gateway.close()
  const all = await Promise.all(left)
  await closing
  expect(new Set(all.map(({ code }) => code))).toEqual(new Set([1012]))
  const times = all.map(({ after }) => after)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(30)
  expect(Math.max(...times)).toBeLessThan(1_000)
  // Not in the order in which they came.
  expect(times).not.toEqual([...times].sort((one, other) => one - other))
})

test('a bug closes one connection with 4500, and is told to the log', async () => {
  await open()
  const logged: string[] = []
  const { live } = gatewaySettings()
  const sweep = createConnectionSweep(live)
  const protocol = createWebSocketProtocol({
    who: {
      identify: async () => {
        throw new TypeError('secret of the house')
      },
    },
    sessions: { watch: () => () => undefined, close: () => undefined },
    prepare: async () => [],
    settings: live,
    sweep,
    newRequestId: () => 'request-1',
    countError: () => undefined,
    countEvents: () => undefined,
    log: createLog({
      level: 'error',
      name: 'test',
      destination: { write: (line) => void logged.push(line) },
    }),
  })
  const http = createServer()
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL })
  http.on('upgrade', (request, raw, head) =>
    sockets.handleUpgrade(request, raw, head, (socket) => protocol.open(socket, raw, null)),
  )
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  await using socket = await openRawSocket(`ws://127.0.0.1:${port}`, null)
  socket.send({ type: 'connection_init' })
  expect(await socket.closed).toEqual({ code: 4500, reason: 'Internal server error' })
  expect(logged.join()).toContain('secret of the house')
  sweep.close()
  await new Promise((resolve) => http.close(resolve))
})
