import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startFloodedWorld } from '../../kit/flooded-world.ts'
import { startPlatformWorld, until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'
import { openLiveDoor, stalledStream, TICKS } from './live-door.ts'

const LOOPBACK = { address: '127.0.0.0', prefix: 8, family: 'ipv4' } as const

const door = openLiveDoor()

describe('bounds of live connections', () => {
  test('an event stream that nobody reads is let go, in the subgraph too', async () => {
    await using flooded = await startFloodedWorld()
    const stalled = await stalledStream(flooded.url)
    await flooded.streams(1)
    await flooded.streams(0)
    stalled.destroy()
  })

  test('one address holds as many connections as it may, others none the fewer', async () => {
    await using shared = await startPlatformWorld({
      subgraphs: readersAndBooks().sources,
      settings: { live: { connectionsPerClient: 2 }, trustedProxies: [LOOPBACK] },
    })
    const open = (ip: string) =>
      new WebSocket(shared.websocket, 'graphql-transport-ws', {
        headers: { 'x-forwarded-for': ip },
      })
    const first = open('203.0.113.1')
    await once(first, 'open')
    const headers = { 'x-forwarded-for': '203.0.113.1' }
    await using stream = await openEventStream(shared.endpoint, { query: TICKS }, headers)
    expect(stream.status).toBe(200)
    const [refused] = await once(open('203.0.113.1'), 'error')
    expect(String(refused)).toContain('429')
    const none = await openEventStream(shared.endpoint, { query: TICKS }, headers)
    expect(none.status).toBe(429)
    await none.ended
    expect(none.events[0]?.data).toMatchObject({
      errors: [{ extensions: { code: 'CLIENT_CONNECTION_LIMIT' } }],
    })
    const other = open('203.0.113.2')
    await once(other, 'open')
    first.close()
    await once(first, 'close')
    const again = open('203.0.113.1')
    await once(again, 'open')
    const ofOneNetwork = ['2001:db8:1:2::1', '2001:db8:1:2::2'].map(open)
    await Promise.all(ofOneNetwork.map((socket) => once(socket, 'open')))
    const [third] = await once(open('2001:db8:1:2:ffff::3'), 'error')
    expect(String(third)).toContain('429')
    for (const socket of [other, again, ...ofOneNetwork]) socket.terminate()
  })

  test('one address that comes and goes is refused once it did so too often, others are not', async () => {
    await using shared = await startPlatformWorld({
      subgraphs: readersAndBooks().sources,
      settings: { live: { connectionsPerClient: 5 }, trustedProxies: [LOOPBACK] },
    })
    const visit = async (ip: string) => {
      const headers = { 'x-forwarded-for': ip }
      const socket = new WebSocket(shared.websocket, 'graphql-transport-ws', { headers })
      const told = Promise.withResolvers<string>()
      const closed = Promise.withResolvers<void>()
      socket.on('error', (failure) => told.resolve(String(failure)))
      socket.on('open', () => told.resolve('opened'))
      socket.on('close', () => closed.resolve())
      const how = await told.promise
      socket.terminate()
      await closed.promise
      return how
    }
    const visits: string[] = []
    while (visits.length < 30) visits.push(await visit('203.0.113.1'))
    expect(visits.slice(0, 10)).toEqual(Array(10).fill('opened'))
    expect(visits.at(-1)).toContain('429')
    expect(await visit('203.0.113.2')).toBe('opened')
    await expect.poll(() => visit('203.0.113.1'), { timeout: 10_000, interval: 500 }).toBe('opened')
  })

  test('a connection holds as many subscriptions as it may, and none more', async () => {
    using socket = openSocketClient(door.world.websocket)
    const running = [1, 2, 3].map(() => socket.subscribe(TICKS))
    await door.listeners(3)
    const [error] = (await socket.subscribe(TICKS).ended) as {
      extensions: Record<string, unknown>
    }[]
    expect(error?.extensions.code).toBe('MAX_SUBSCRIPTIONS_LIMIT')
    running[0]?.stop()
    await door.listeners(2)
    socket.subscribe(TICKS)
    await door.listeners(3)
  })

  test('a gateway holds as many connections as it may, and none more', async () => {
    const sockets = [1, 2, 3].map(() => new WebSocket(door.world.websocket, 'graphql-transport-ws'))
    await until(() => sockets.every(({ readyState }) => readyState === WebSocket.OPEN))
    const refused = Promise.withResolvers<string>()
    new WebSocket(door.world.websocket, 'graphql-transport-ws').once('error', ({ message }) =>
      refused.resolve(message),
    )
    expect(await refused.promise).toContain('503')
    for (const socket of sockets) socket.terminate()
  })

  test('and as many event streams, and none more', async () => {
    const streams = await Promise.all(
      [1, 2, 3].map(() => openEventStream(door.world.endpoint, { query: TICKS })),
    )
    await door.listeners(3)
    const refused = await openEventStream(door.world.endpoint, { query: TICKS })
    expect(refused.status).toBe(503)
    await refused.ended
    expect(refused.events[0]?.data).toMatchObject({
      errors: [{ extensions: { code: 'CONNECTION_LIMIT' } }],
    })
    for (const stream of streams) stream.cancel()
    await door.listeners(0)
  })

  test.each([
    ['says nothing', null, 4408],
    ['says something too large', JSON.stringify({ type: 'x'.repeat(30_000) }), 1009],
    ['says what is no message', '{"type":"nonsense"}', 4400],
    [
      'subscribes before it introduced itself',
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: TICKS } }),
      4401,
    ],
  ])('a connection that %s is closed', async (_what, message, code) => {
    const socket = new WebSocket(door.world.websocket, 'graphql-transport-ws')
    const closed = Promise.withResolvers<number>()
    socket.once('close', (closeCode) => closed.resolve(closeCode))
    socket.once('open', () => message && socket.send(message))
    expect(await closed.promise).toBe(code)
  })

  test('a connection that speaks another protocol or goes elsewhere is refused', async () => {
    const closed = Promise.withResolvers<number>()
    new WebSocket(door.world.websocket).once('close', (code) => closed.resolve(code))
    expect(await closed.promise).toBe(4406)
    const elsewhere = Promise.withResolvers<string>()
    const url = door.world.websocket.replace('/graphql', '/other')
    new WebSocket(url, 'graphql-transport-ws').once('error', ({ message }) =>
      elsewhere.resolve(message),
    )
    expect(await elsewhere.promise).toContain('404')
  })
})
