import { isDeepStrictEqual } from 'node:util'
import { createClient as createSseClient } from 'graphql-sse'
import { describe, expect, test } from 'vitest'
import { startPlatformWorld, subscriptionsAt, until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'
import { eventOf, openLiveDoor, TICKS } from './live-door.ts'

const PROTECTED = 'subscription { secretTicks { id } }'

const door = openLiveDoor()

describe('a subscription', () => {
  test('over a WebSocket brings each event with the rest of the plan and its cursor', async () => {
    using socket = openSocketClient(door.world.websocket)
    const { results } = socket.subscribe(TICKS)
    await door.listeners(1)
    door.ticks.push('7')
    door.ticks.push('8')
    await until(() => results.length === 2)
    expect(results).toEqual([eventOf('7'), eventOf('8')])
  })

  test('brings events of any size whole, to whoever calls it what they like', async () => {
    using one = openSocketClient(door.world.websocket)
    using other = openSocketClient(door.world.websocket)
    const running = [one.subscribe(TICKS), other.subscribe(TICKS)]
    await door.listeners(2)
    const names = [0, 20, 60, 4_000, 5_000, 70_000, 200_000].map((size) => 'é😀"'.repeat(size / 4))
    for (const name of names) door.ticks.push(name)
    await until(() => running.every(({ results }) => results.length === names.length))
    // A cursor as long as these names is none; and no failure shall print them.
    const isWhole = (result: object | undefined, name: string) =>
      isDeepStrictEqual((result as { data?: unknown } | undefined)?.data, eventOf(name).data)
    for (const { results } of running)
      expect(names.map((name, place) => isWhole(results[place], name))).not.toContain(false)
  })

  test('over SSE brings the same, each event with its cursor as id', async () => {
    await using stream = await openEventStream(door.world.endpoint, { query: TICKS })
    await door.listeners(1)
    door.ticks.push('7')
    await until(() => stream.events.length === 1)
    expect(stream.events).toEqual([{ event: 'next', id: 'cursor-7', data: eventOf('7') }])
  })

  test.each(['*/*', 'text/*', 'Text/Event-Stream', 'application/json;q=0.9, */*;q=0.1'])(
    'comes the same way to whoever accepts %s',
    async (accept) => {
      await using stream = await openEventStream(door.world.endpoint, { query: TICKS }, { accept })
      await door.listeners(1)
      door.ticks.push('7')
      await until(() => stream.events.length === 1)
      expect(stream.events).toEqual([{ event: 'next', id: 'cursor-7', data: eventOf('7') }])
    },
  )

  test.each(['application/json', 'application/graphql-response+json'])(
    'is not opened for who accepts no stream but %s, and they hear what to accept',
    async (accept) => {
      const { status, body } = await door.world.ask(TICKS, { headers: { accept } })
      expect(status).toBe(406)
      expect(body.errors).toMatchObject([{ extensions: { code: 'STREAM_NOT_ACCEPTED' } }])
      expect(await subscriptionsAt(door.world, 'http')).toBe(0)
      expect(door.ticks.resumedFrom).toEqual([])
    },
  )

  test('resumes from the cursor that the client names, whichever way it says so', async () => {
    using socket = openSocketClient(door.world.websocket)
    socket.subscribe(TICKS, { resume: 'cursor-3' })
    await door.listeners(1)
    const body = { query: TICKS, extensions: { resume: 'cursor-4' } }
    await using named = await openEventStream(door.world.endpoint, body)
    await door.listeners(2)
    await using again = await openEventStream(door.world.endpoint, body, {
      'last-event-id': 'cursor-5',
    })
    await door.listeners(3)
    expect([named.status, again.status]).toEqual([200, 200])
    expect(door.ticks.resumedFrom).toEqual(['cursor-3', 'cursor-4', 'cursor-5'])
  })

  test('that shall go on in any case says so to the subgraph, whichever way it came', async () => {
    using socket = openSocketClient(door.world.websocket)
    socket.subscribe(TICKS, { resume: 'cursor-3', orLive: true })
    await door.listeners(1)
    const body = { query: TICKS, extensions: { resume: 'cursor-4', orLive: true } }
    await using _named = await openEventStream(door.world.endpoint, body)
    await door.listeners(2)
    const header = { 'last-event-id': 'cursor-5' }
    await using _again = await openEventStream(door.world.endpoint, body, header)
    await door.listeners(3)
    expect(door.ticks.resumedFrom).toEqual(['cursor-3', 'cursor-4', 'cursor-5'])
    expect(door.ticks.orLive).toEqual([true, true, true])
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
    await using _stream = await openEventStream(door.world.endpoint, { query: TICKS, extensions })
    await door.listeners(1)
    expect([door.ticks.resumedFrom, door.ticks.orLive]).toEqual([[resume], [null]])
  })

  test('that the client leaves is ended in the subgraph, over both', async () => {
    using socket = openSocketClient(door.world.websocket)
    const { stop } = socket.subscribe(TICKS)
    await using stream = await openEventStream(door.world.endpoint, { query: TICKS })
    await door.listeners(2)
    stop()
    await door.listeners(1)
    stream.cancel()
    await door.listeners(0)
  })

  test('of something protected is refused to nobody, and given to who may', async () => {
    using nobody = openSocketClient(door.world.websocket)
    const refused = nobody.subscribe(PROTECTED)
    expect(await refused.ended).toBe('complete')
    expect(refused.results).toMatchObject([
      { data: null, errors: [{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }] },
    ])
    using known = openSocketClient(door.world.websocket, { authorization: await door.bearer() })
    const { results } = known.subscribe(PROTECTED)
    await door.listeners(1)
    door.ticks.push('1')
    await until(() => results.length === 1)
    expect(results[0]).toMatchObject({ data: { secretTicks: { id: '1' } } })
  })

  test('whose subgraph goes away ends with a code, and the connection stays', async () => {
    using socket = openSocketClient(door.world.websocket)
    const broken = socket.subscribe(TICKS)
    await door.listeners(1)
    await door.world.subgraphs.readers?.close()
    expect(await broken.ended).toBe('complete')
    expect(broken.results).toMatchObject([
      { errors: [{ extensions: { code: 'SUBGRAPH_UNREACHABLE', subgraph: 'readers' } }] },
    ])
    expect(socket.closed).toEqual([])
  })

  test('survives the exchange of the supergraph', async () => {
    using socket = openSocketClient(door.world.websocket)
    const { results } = socket.subscribe(TICKS)
    await door.listeners(1)
    const { sdl } = door.world
    await door.world.gateway.supergraph.swap(`${sdl}\n# another version\n`)
    door.ticks.push('9')
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
    const client = createSseClient({ url: door.world.endpoint, retryAttempts: 0 })
    const events = client.iterate({ query: TICKS })
    const first = events.next()
    await door.listeners(1)
    door.ticks.push('5')
    expect((await first).value).toEqual(eventOf('5'))
    await events.return?.(undefined)
    await door.listeners(0)
    const answered = await Array.fromAsync(client.iterate({ query: '{ me { name } }' }))
    expect(answered).toEqual([{ data: { me: { name: 'Ada' } } }])
    client.dispose()
  })
})

describe('a query over a WebSocket', () => {
  test('is answered once, within the same limits as over HTTP', async () => {
    using socket = openSocketClient(door.world.websocket)
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
