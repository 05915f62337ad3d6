import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { createClient as createSseClient } from 'graphql-sse'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  type PlatformWorld,
  startPlatformWorld,
  subscriptionsAt,
  until,
} from '../../kit/gateway.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'

const TICKS = 'subscription { ticks { id name books } }'
const PROTECTED = 'subscription { secretTicks { id } }'

let world: PlatformWorld
let ticks: TickState

beforeEach(async () => {
  const readers = readersAndBooks()
  ticks = readers.ticks
  world = await startPlatformWorld({
    subgraphs: readers.sources,
    settings: {
      live: {
        subscriptionsPerConnection: 3,
        connections: 3,
        connectionInitTimeoutMs: 200,
        messageBytes: 20_000,
      },
    },
  })
  await until(() => world.identity.asked.get('/revocations') === 1)
})
afterEach(() => world[Symbol.asyncDispose]())

const bearer = async (overrides = {}) => `Bearer ${await world.identity.mint(overrides)}`
const listeners = (count: number) => until(() => ticks.listeners === count)
const eventOf = (id: string) => ({
  data: { ticks: { id, name: id, books: [`book of ${id}`] } },
  extensions: { cursor: `cursor-${id}` },
})

const LOOPBACK = { address: '127.0.0.0', prefix: 8, family: 'ipv4' } as const

/** A client that asks for an event stream and then reads no more. */
async function stalledStream(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const body = JSON.stringify({ query: 'subscription { ticks { name } }' })
  const head = ['POST /graphql HTTP/1.1', 'host: gateway', 'accept: text/event-stream']
  const size = `content-length: ${body.length}`
  socket.write([...head, 'content-type: application/json', size, '', body].join('\r\n'))
  await once(socket, 'data')
  socket.pause()
  return socket
}

function* repeated(event: string): Generator<string> {
  while (true) yield event
}

const ROUNDS = 150

/** More than the buffers of the system hold. */
function fillUp({ push }: TickState): void {
  for (let round = 0; round < ROUNDS; round++) push('x'.repeat(200_000))
}

describe('a subscription', () => {
  test('over a WebSocket brings each event with the rest of the plan and its cursor', async () => {
    using socket = openSocketClient(world.websocket)
    const { results } = socket.subscribe(TICKS)
    await listeners(1)
    ticks.push('7')
    ticks.push('8')
    await until(() => results.length === 2)
    expect(results).toEqual([eventOf('7'), eventOf('8')])
  })

  test('brings events of any size whole, to whoever calls it what they like', async () => {
    using one = openSocketClient(world.websocket)
    using other = openSocketClient(world.websocket)
    const running = [one.subscribe(TICKS), other.subscribe(TICKS)]
    await listeners(2)
    const names = [0, 20, 60, 4_000, 5_000, 70_000, 200_000].map((size) => 'é😀"'.repeat(size / 4))
    for (const name of names) ticks.push(name)
    await until(() => running.every(({ results }) => results.length === names.length))
    // A cursor as long as these names is none; and no failure shall print them.
    const isWhole = (result: object | undefined, name: string) =>
      isDeepStrictEqual((result as { data?: unknown } | undefined)?.data, eventOf(name).data)
    for (const { results } of running)
      expect(names.map((name, place) => isWhole(results[place], name))).not.toContain(false)
  })

  test('over SSE brings the same, each event with its cursor as id', async () => {
    await using stream = await openEventStream(world.endpoint, { query: TICKS })
    await listeners(1)
    ticks.push('7')
    await until(() => stream.events.length === 1)
    expect(stream.events).toEqual([{ event: 'next', id: 'cursor-7', data: eventOf('7') }])
  })

  test.each(['*/*', 'text/*', 'Text/Event-Stream', 'application/json;q=0.9, */*;q=0.1'])(
    'comes the same way to whoever accepts %s',
    async (accept) => {
      await using stream = await openEventStream(world.endpoint, { query: TICKS }, { accept })
      await listeners(1)
      ticks.push('7')
      await until(() => stream.events.length === 1)
      expect(stream.events).toEqual([{ event: 'next', id: 'cursor-7', data: eventOf('7') }])
    },
  )

  test.each(['application/json', 'application/graphql-response+json'])(
    'is not opened for who accepts no stream but %s, and they hear what to accept',
    async (accept) => {
      const { status, body } = await world.ask(TICKS, { headers: { accept } })
      expect(status).toBe(406)
      expect(body.errors).toMatchObject([{ extensions: { code: 'STREAM_NOT_ACCEPTED' } }])
      expect(await subscriptionsAt(world, 'http')).toBe(0)
      expect(ticks.resumedFrom).toEqual([])
    },
  )

  test('resumes from the cursor that the client names, whichever way it says so', async () => {
    using socket = openSocketClient(world.websocket)
    socket.subscribe(TICKS, { resume: 'cursor-3' })
    await listeners(1)
    const body = { query: TICKS, extensions: { resume: 'cursor-4' } }
    await using named = await openEventStream(world.endpoint, body)
    await listeners(2)
    await using again = await openEventStream(world.endpoint, body, { 'last-event-id': 'cursor-5' })
    await listeners(3)
    expect([named.status, again.status]).toEqual([200, 200])
    expect(ticks.resumedFrom).toEqual(['cursor-3', 'cursor-4', 'cursor-5'])
  })

  test('that shall go on in any case says so to the subgraph, whichever way it came', async () => {
    using socket = openSocketClient(world.websocket)
    socket.subscribe(TICKS, { resume: 'cursor-3', orLive: true })
    await listeners(1)
    const body = { query: TICKS, extensions: { resume: 'cursor-4', orLive: true } }
    await using _named = await openEventStream(world.endpoint, body)
    await listeners(2)
    const header = { 'last-event-id': 'cursor-5' }
    await using _again = await openEventStream(world.endpoint, body, header)
    await listeners(3)
    expect(ticks.resumedFrom).toEqual(['cursor-3', 'cursor-4', 'cursor-5'])
    expect(ticks.orLive).toEqual([true, true, true])
  })

  test.each([
    ['a wish without a cursor', { orLive: true }, null],
    ['a wish that is no true', { resume: 'cursor-3', orLive: 'yes' }, 'cursor-3'],
    [
      'a wish inside the cursor',
      { resume: { after: 'x', orLive: true } },
      { after: 'x', orLive: true },
    ],
  ])('that brings %s is asked for as if it had none', async (_case, extensions, resume) => {
    await using _stream = await openEventStream(world.endpoint, { query: TICKS, extensions })
    await listeners(1)
    expect([ticks.resumedFrom, ticks.orLive]).toEqual([[resume], [null]])
  })

  test('that the client leaves is ended in the subgraph, over both', async () => {
    using socket = openSocketClient(world.websocket)
    const { stop } = socket.subscribe(TICKS)
    await using stream = await openEventStream(world.endpoint, { query: TICKS })
    await listeners(2)
    stop()
    await listeners(1)
    stream.cancel()
    await listeners(0)
  })

  test('of something protected is refused to nobody, and given to who may', async () => {
    using nobody = openSocketClient(world.websocket)
    const refused = nobody.subscribe(PROTECTED)
    expect(await refused.ended).toBe('complete')
    expect(refused.results).toMatchObject([
      { data: null, errors: [{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }] },
    ])
    using known = openSocketClient(world.websocket, { authorization: await bearer() })
    const { results } = known.subscribe(PROTECTED)
    await listeners(1)
    ticks.push('1')
    await until(() => results.length === 1)
    expect(results[0]).toMatchObject({ data: { secretTicks: { id: '1' } } })
  })

  test('whose subgraph goes away ends with a code, and the connection stays', async () => {
    using socket = openSocketClient(world.websocket)
    const broken = socket.subscribe(TICKS)
    await listeners(1)
    await world.subgraphs.readers?.close()
    expect(await broken.ended).toBe('complete')
    expect(broken.results).toMatchObject([
      { errors: [{ extensions: { code: 'SUBGRAPH_UNREACHABLE', subgraph: 'readers' } }] },
    ])
    expect(socket.closed).toEqual([])
  })

  test('survives the exchange of the supergraph', async () => {
    using socket = openSocketClient(world.websocket)
    const { results } = socket.subscribe(TICKS)
    await listeners(1)
    const { sdl } = world
    await world.gateway.supergraph.swap(`${sdl}\n# another version\n`)
    ticks.push('9')
    await until(() => results.length === 1)
    expect(results).toEqual([eventOf('9')])
  })
})

describe('subscriptions that are planned anew together', () => {
  test('go on, however few may wait for their plan', async () => {
    const readers = readersAndBooks()
    await using narrow = await startPlatformWorld({
      subgraphs: readers.sources,
      settings: { planning: { mostWaiting: 1, warmMs: 0 } },
    })
    using socket = openSocketClient(narrow.websocket)
    const running: ReturnType<typeof socket.subscribe>[] = []
    for (const fields of ['id', 'name', 'books', 'id name']) {
      running.push(socket.subscribe(`subscription { ticks { ${fields} } }`))
      await until(() => readers.ticks.listeners === running.length)
    }
    await narrow.gateway.supergraph.swap(`${narrow.sdl}\n# another version\n`)
    readers.ticks.push('9')
    await until(() => running.every(({ results }) => results.length > 0))
    expect(running.flatMap(({ results }) => results)).toMatchObject([
      { data: { ticks: { id: '9' } } },
      { data: { ticks: { name: '9' } } },
      { data: { ticks: { books: ['book of 9'] } } },
      { data: { ticks: { id: '9', name: '9' } } },
    ])
  })
})

describe('the client of graphql-sse', () => {
  test('subscribes and asks', async () => {
    const client = createSseClient({ url: world.endpoint, retryAttempts: 0 })
    const events = client.iterate({ query: TICKS })
    const first = events.next()
    await listeners(1)
    ticks.push('5')
    expect((await first).value).toEqual(eventOf('5'))
    await events.return?.(undefined)
    await listeners(0)
    const answered = await Array.fromAsync(client.iterate({ query: '{ me { name } }' }))
    expect(answered).toEqual([{ data: { me: { name: 'Ada' } } }])
    client.dispose()
  })
})

describe('a query over a WebSocket', () => {
  test('is answered once, within the same limits as over HTTP', async () => {
    using socket = openSocketClient(world.websocket)
    const answered = socket.subscribe('{ me { name books } }')
    expect(await answered.ended).toBe('complete')
    expect(answered.results).toEqual([{ data: { me: { name: 'Ada', books: ['book of 1'] } } }])
    const aliases = Array.from({ length: 1000 }, (_, index) => `a${index}: id`).join(' ')
    const [error] = (await socket.subscribe(`{ me { ${aliases} } }`).ended) as {
      extensions: Record<string, unknown>
    }[]
    expect(error?.extensions.code).toBe('MAX_ALIASES_LIMIT')
    const [unknown] = (await socket.subscribe('{ nobody }').ended) as { message: string }[]
    expect(unknown?.message).toContain('nobody')
  })
})

describe('rights that end', () => {
  test('by expiry close a WebSocket with 4403 and an event stream with TOKEN_EXPIRED', async () => {
    const authorization = await bearer({ livesSeconds: 1.5 })
    using socket = openSocketClient(world.websocket, { authorization })
    socket.subscribe(TICKS)
    await using stream = await openEventStream(world.endpoint, { query: TICKS }, { authorization })
    await listeners(2)
    await until(() => socket.closed.length === 1, 3000)
    expect(socket.closed).toEqual([{ code: 4403, reason: 'TOKEN_EXPIRED' }])
    expect(await stream.ended).toBe('complete')
    expect(stream.events.map(({ event }) => event)).toEqual(['next', 'complete'])
    expect(stream.events[0]?.data).toMatchObject({
      errors: [{ extensions: { code: 'TOKEN_EXPIRED' } }],
    })
    await listeners(0)
  })

  test('by revocation do so within a second; the streams of others go on', async () => {
    const authorization = await bearer({ claims: { sid: 'mine' } })
    using revoked = openSocketClient(world.websocket, { authorization })
    revoked.subscribe(TICKS)
    await using stream = await openEventStream(world.endpoint, { query: TICKS }, { authorization })
    using other = openSocketClient(world.websocket, { authorization: await bearer() })
    const { results } = other.subscribe(TICKS)
    await listeners(3)
    const started = performance.now()
    world.identity.revoke({ kind: 'session', id: 'mine' })
    await until(() => revoked.closed.length === 1)
    expect(await stream.ended).toBe('complete')
    expect(performance.now() - started).toBeLessThan(1000)
    expect(revoked.closed).toEqual([{ code: 4403, reason: 'TOKEN_REVOKED' }])
    expect(stream.events[0]?.data).toMatchObject({
      errors: [{ extensions: { code: 'TOKEN_REVOKED' } }],
    })
    ticks.push('1')
    await until(() => results.length === 1)
  })

  test('before the beginning refuse the connection', async () => {
    for (const [overrides, code] of [
      [{ livesSeconds: -10 }, 'TOKEN_EXPIRED'],
      [{ isForged: true }, 'TOKEN_INVALID'],
    ] as const) {
      using socket = openSocketClient(world.websocket, { authorization: await bearer(overrides) })
      await socket.subscribe(TICKS).ended
      expect(socket.closed).toEqual([{ code: 4403, reason: code }])
      const stream = await openEventStream(
        world.endpoint,
        { query: TICKS },
        { authorization: await bearer(overrides) },
      )
      expect(stream.status).toBe(401)
    }
    expect(ticks.listeners).toBe(0)
  })
})

describe('the authorization of a WebSocket', () => {
  test.each(['Authorization', 'AUTHORIZATION', 'authorization'])(
    'may be named %s',
    async (name) => {
      using socket = openSocketClient(world.websocket, { [name]: await bearer() })
      const { results } = socket.subscribe(PROTECTED)
      await listeners(1)
      ticks.push('1')
      await until(() => results.length === 1)
      expect(results[0]).toMatchObject({ data: { secretTicks: { id: '1' } } })
    },
  )

  test('given twice is taken when both are the same, and refused when they differ', async () => {
    const [one, other] = [await bearer(), await bearer()]
    using same = openSocketClient(world.websocket, { authorization: one, Authorization: one })
    same.subscribe(PROTECTED)
    await listeners(1)
    using torn = openSocketClient(world.websocket, { authorization: one, Authorization: other })
    await torn.subscribe(TICKS).ended
    expect(torn.closed).toEqual([{ code: 4403, reason: 'TOKEN_INVALID' }])
  })
})

describe('bounds of live connections', () => {
  test('an event stream that nobody reads is let go, in the subgraph too', async () => {
    let open = 0
    await using endless = await startHttpServer((_request, response) => {
      open++
      response.once('close', () => open--)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const data = JSON.stringify({ data: { ticks: { name: 'x'.repeat(200_000) } } })
      Readable.from(repeated(`event: next\ndata: ${data}\n\n`)).pipe(response)
    })
    await using flooded = await startPlatformWorld({
      subgraphs: readersAndBooks().sources,
      settings: { live: { stalledMs: 300 } },
      rewrite: (sdl) => sdl.replace(/(name: "readers", url: ")[^"]+/, `$1${endless.url}`),
    })
    const stalled = await stalledStream(flooded.url)
    await until(() => open === 1)
    await until(() => open === 0)
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
    using socket = openSocketClient(world.websocket)
    const running = [1, 2, 3].map(() => socket.subscribe(TICKS))
    await listeners(3)
    const [error] = (await socket.subscribe(TICKS).ended) as {
      extensions: Record<string, unknown>
    }[]
    expect(error?.extensions.code).toBe('MAX_SUBSCRIPTIONS_LIMIT')
    running[0]?.stop()
    await listeners(2)
    socket.subscribe(TICKS)
    await listeners(3)
  })

  test('a gateway holds as many connections as it may, and none more', async () => {
    const sockets = [1, 2, 3].map(() => new WebSocket(world.websocket, 'graphql-transport-ws'))
    await until(() => sockets.every(({ readyState }) => readyState === WebSocket.OPEN))
    const refused = Promise.withResolvers<string>()
    new WebSocket(world.websocket, 'graphql-transport-ws').once('error', ({ message }) =>
      refused.resolve(message),
    )
    expect(await refused.promise).toContain('503')
    for (const socket of sockets) socket.terminate()
  })

  test('and as many event streams, and none more', async () => {
    const streams = await Promise.all(
      [1, 2, 3].map(() => openEventStream(world.endpoint, { query: TICKS })),
    )
    await listeners(3)
    const refused = await openEventStream(world.endpoint, { query: TICKS })
    expect(refused.status).toBe(503)
    await refused.ended
    expect(refused.events[0]?.data).toMatchObject({
      errors: [{ extensions: { code: 'CONNECTION_LIMIT' } }],
    })
    for (const stream of streams) stream.cancel()
    await listeners(0)
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
    const socket = new WebSocket(world.websocket, 'graphql-transport-ws')
    const closed = Promise.withResolvers<number>()
    socket.once('close', (closeCode) => closed.resolve(closeCode))
    socket.once('open', () => message && socket.send(message))
    expect(await closed.promise).toBe(code)
  })

  test('a connection that speaks another protocol or goes elsewhere is refused', async () => {
    const closed = Promise.withResolvers<number>()
    new WebSocket(world.websocket).once('close', (code) => closed.resolve(code))
    expect(await closed.promise).toBe(4406)
    const elsewhere = Promise.withResolvers<string>()
    const url = world.websocket.replace('/graphql', '/other')
    new WebSocket(url, 'graphql-transport-ws').once('error', ({ message }) =>
      elsewhere.resolve(message),
    )
    expect(await elsewhere.promise).toContain('404')
  })
})

describe('a gateway that stops', () => {
  test('sends its WebSockets elsewhere (1012) and ends its event streams with a code', async () => {
    using socket = openSocketClient(world.websocket)
    socket.subscribe(TICKS)
    const stream = await openEventStream(world.endpoint, { query: TICKS })
    await listeners(2)
    const started = performance.now()
    await world.gateway.close()
    expect(performance.now() - started).toBeLessThan(400)
    expect(socket.closed).toEqual([{ code: 1012, reason: 'Restarting' }])
    expect(await stream.ended).toBe('complete')
    expect(stream.events).toMatchObject([
      { event: 'next', data: { errors: [{ extensions: { code: 'SERVICE_DRAINING' } }] } },
      { event: 'complete' },
    ])
    await listeners(0)
  })

  test('does not wait for an event stream that nobody reads', async () => {
    const readers = readersAndBooks()
    await using patient = await startPlatformWorld({
      subgraphs: readers.sources,
      settings: { live: { drainMs: 10_000, stalledMs: 60_000 } },
    })
    await stalledStream(patient.url)
    await until(() => readers.ticks.listeners === 1)
    fillUp(readers.ticks)
    const sent = async () => {
      const metrics = await (await fetch(`${patient.url}/metrics`)).text()
      return /events_total\{channel="http"\} (\d+)/.exec(metrics)?.[1]
    }
    const looks = [await sent()]
    const isStill = async () => looks.push(await sent()) > 1 && looks.at(-1) === looks.at(-2)
    await expect.poll(isStill, { interval: 200, timeout: 10_000 }).toBe(true)
    expect(Number(looks.at(-1))).toBeLessThan(ROUNDS)
    const started = performance.now()
    await patient.gateway.close()
    const took = performance.now() - started
    expect(took).toBeGreaterThan(900)
    expect(took).toBeLessThan(3000)
  })
})
