import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { schemaVersion } from '#kernel/graphql/schema-version.ts'
import { bodyOf, openPingService, type PingService, requestOf } from './kit.ts'

async function answerOf(response: Response) {
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const PING = bodyOf('{ ping }')

test('a request that the gateway signed is answered', async () => {
  await using ping = await openPingService()
  const answer = await answerOf(await ping.service.fetch(requestOf(PING)))
  expect(answer).toEqual({ status: 200, body: { data: { ping: 'pong' } } })
})

test('a request without a token, with a forged, foreign, used or another body’s token is refused', async () => {
  await using ping = await openPingService()
  const codeFor = async (request: Request) => {
    const { status, body } = await answerOf(await ping.service.fetch(request))
    expect(status).toBe(401)
    return body.code
  }
  const good = requestOf(PING)
  const token = good.headers.get(SERVICE_TOKEN_HEADER)
  expect(await codeFor(requestOf(PING, { token: null }))).toBe('SERVICE_TOKEN_MISSING')
  expect(await codeFor(requestOf(PING, { token: `${token}x` }))).toBe('SERVICE_TOKEN_INVALID')
  expect(await codeFor(requestOf(PING, { callee: 'identity' }))).toBe('SERVICE_TOKEN_FOREIGN')
  expect(await codeFor(requestOf(bodyOf('{ slow }'), { token }))).toBe(
    'SERVICE_TOKEN_BODY_MISMATCH',
  )
  await ping.service.fetch(good)
  expect(await codeFor(requestOf(PING, { token }))).toBe('SERVICE_TOKEN_REPLAYED')
})

test('a token that is not of this time is refused with this service’s time', async () => {
  await using ping = await openPingService({ now: () => new Date('2030-01-01T00:00:00.000Z') })
  expect(await answerOf(await ping.service.fetch(requestOf(PING)))).toEqual({
    status: 401,
    body: {
      code: 'SERVICE_TOKEN_EXPIRED',
      message: 'The service token has expired.',
      now: Date.parse('2030-01-01T00:00:00.000Z'),
      seal: expect.stringMatching(/^[\w-]{43}$/),
    },
  })
})

test('a refusal that a route hands on does not look like one of the door', async () => {
  await using ping = await openPingService()
  const handedOn = await ping.service.fetch(requestOf('{}', { path: '/hand-on' }))
  expect(await answerOf(handedOn)).toMatchObject({
    status: 422,
    body: { code: 'SERVICE_DRAINING' },
  })
  await ping.service.drain(0)
  const own = await ping.service.fetch(requestOf('{}', { path: '/hand-on' }))
  expect(own.headers.get('connection')).toBe('close')
  expect(await answerOf(own)).toMatchObject({ status: 503, body: { code: 'SERVICE_DRAINING' } })
})

test('the gateway may not speak to the inbox, nor a stranger to anything', async () => {
  await using ping = await openPingService()
  const body = JSON.stringify({ deliveries: [] })
  const gateway = await ping.service.fetch(requestOf(body, { path: '/inbox' }))
  expect(await answerOf(gateway)).toMatchObject({
    status: 403,
    body: { code: 'SERVICE_CALLER_REFUSED' },
  })
  const stranger = await ping.service.fetch(requestOf(PING, { caller: 'stranger' }))
  expect(stranger.status).toBe(403)
  const nowhere = await ping.service.fetch(requestOf(body, { path: '/admin' }))
  expect(nowhere.status).toBe(404)
})

test('a body beyond the bound is refused before it is read whole', async () => {
  await using ping = await openPingService()
  const response = await ping.service.fetch(requestOf('x'.repeat(4_194_305)))
  expect(await answerOf(response)).toMatchObject({
    status: 413,
    body: { code: 'SERVICE_BODY_TOO_LARGE' },
  })
})

test('a bug is masked for the asker and told to the log', async () => {
  await using ping = await openPingService()
  const { body } = await answerOf(await ping.service.fetch(requestOf(bodyOf('{ broken }'))))
  expect(JSON.stringify(body)).toContain('INTERNAL_SERVER_ERROR')
  expect(JSON.stringify(body)).not.toContain('hunter2')
  expect(ping.logged.join('')).toContain('hunter2')
})

test('a delivery is applied once, in order, and an unknown kind waits', async () => {
  await using ping = await openPingService()
  const deliver = async (...deliveries: [key: string, kind: string][]) => {
    const at = '2026-01-01T00:00:00.000Z'
    const body = JSON.stringify({
      deliveries: deliveries.map(([key, kind]) => ({
        key,
        kind,
        aggregate: 'a',
        payload: key,
        at,
      })),
    })
    const response = await ping.service.fetch(
      requestOf(body, { path: '/inbox', caller: 'identity' }),
    )
    return (await answerOf(response)).body.accepted
  }
  expect(await deliver(['1', 'noted'], ['2', 'noted'])).toEqual(['1', '2'])
  expect(await deliver(['2', 'noted'], ['3', 'noted'])).toEqual(['2', '3'])
  expect(await deliver(['4', 'unheard'], ['5', 'noted'])).toEqual([])
  expect(ping.applied).toEqual(['1', '2', '3'])
})

test('a refused delivery of a batch holds back its own aggregate alone', async () => {
  await using ping = await openPingService()
  const deliver = async (...deliveries: [key: string, kind: string, aggregate: string][]) => {
    const at = '2026-01-01T00:00:00.000Z'
    const body = JSON.stringify({
      deliveries: deliveries.map(([key, kind, aggregate]) => ({
        ...{ key, kind, aggregate, at },
        payload: key,
      })),
    })
    const request = requestOf(body, { path: '/inbox', caller: 'identity' })
    return (await answerOf(await ping.service.fetch(request))).body.accepted
  }
  const batch: [string, string, string][] = [
    ['1', 'noted', 'a'],
    ['2', 'refused', 'b'],
    ['3', 'noted', 'b'],
    ['4', 'noted', 'c'],
  ]
  expect(await deliver(...batch)).toEqual(['1', '4'])
  const em = ping.database.acrossTenants()
  const keysHeld = async () =>
    (await em.fork().find(InboxRow, {}, { orderBy: { id: 'asc' } })).map(({ key }) => key)
  expect(await keysHeld()).toEqual(['1', '4'])
  // Again, as a sender does: what was applied is accepted and not applied a second time.
  const applied = ping.applied.length
  expect(await deliver(...batch)).toEqual(['1', '4'])
  expect(await keysHeld()).toEqual(['1', '4'])
  expect(await deliver(['3', 'noted', 'b'])).toEqual(['3'])
  expect(ping.applied.slice(applied)).toEqual(['3'])
  expect(ping.logged.join('')).toContain('SERVICE_ANSWER_INVALID')
})

test('deliveries that the database has no room for are not refused: the inbox answers 503', async () => {
  await using ping = await openPingService()
  const connection = ping.database.orm.em.getConnection()
  const at = '2026-01-01T00:00:00.000Z'
  const keys = Array.from({ length: 200 }, (_, index) => `k${index}`.padEnd(64, 'x'))
  const deliveries = keys.map((key) => ({ key, kind: 'noted', aggregate: key, payload: key, at }))
  const deliver = async () => {
    const request = requestOf(JSON.stringify({ deliveries }), {
      path: '/inbox',
      caller: 'identity',
    })
    return answerOf(await ping.service.fetch(request))
  }
  const [{ page_count: pages = 0 } = {}] =
    await connection.execute<{ page_count: number }[]>('pragma page_count')
  await connection.execute(`pragma max_page_count = ${pages}`)
  expect(await deliver()).toMatchObject({ status: 503, body: { code: 'DATABASE_FULL' } })
  await connection.execute('pragma max_page_count = 100000')
  expect(await deliver()).toMatchObject({ status: 200, body: { accepted: keys } })
})

test('a long batch is applied in portions, others get their turn, and order stands', async () => {
  await using ping = await openPingService()
  const at = '2026-01-01T00:00:00.000Z'
  const deliveries = Array.from({ length: 100 }, (_, index) => ({
    ...{ key: `k${index}`, kind: index === 30 ? 'refused' : 'noted', at },
    ...{ aggregate: `a${index % 3}`, payload: String(index) },
  }))
  let turns = 0
  const takeTurn = () => {
    turns += 1
    timer = globalThis.setImmediate(takeTurn)
  }
  let timer = globalThis.setImmediate(takeTurn)
  const body = JSON.stringify({ deliveries })
  const response = await ping.service.fetch(requestOf(body, { path: '/inbox', caller: 'identity' }))
  clearImmediate(timer)
  const { accepted } = (await answerOf(response)).body
  const isLeft = (index: number) => index >= 30 && index % 3 === 0
  expect(accepted).toEqual(deliveries.filter((_, index) => !isLeft(index)).map(({ key }) => key))
  expect(turns).toBeGreaterThanOrEqual(3)
})

test('an inbox body of another shape is refused', async () => {
  await using ping = await openPingService()
  for (const body of ['{', '[]', '{"deliveries":[{"key":"a b"}]}']) {
    const response = await ping.service.fetch(
      requestOf(body, { path: '/inbox', caller: 'identity' }),
    )
    expect(await answerOf(response)).toMatchObject({
      status: 400,
      body: { code: 'SERVICE_BODY_INVALID' },
    })
  }
})

test('it lives at once and is ready when its work has begun', async () => {
  await using ping = await openPingService()
  const look = (path: string) =>
    ping.service.fetch(new Request(`http://tenancy.local${path}`)).then((answer) => answer.status)
  expect([await look('/health'), await look('/ready')]).toEqual([200, 503])
  await ping.service.start()
  expect([await look('/health'), await look('/ready')]).toEqual([200, 200])
  const ready = await ping.service.fetch(new Request('http://tenancy.local/ready'))
  expect(await ready.json()).toEqual({
    ...{ status: 'ready', service: 'tenancy', schema: await schemaVersion('tenancy') },
    ...{ outbox: { poisoned: 0 }, clockOffsetMs: 0, clockOffsets: {} },
  })
})

async function* streamOf(ping: PingService, resume?: string, field = 'pinged', wish = {}) {
  const body = bodyOf(`subscription { ${field} }`, resume ? { resume, ...wish } : undefined)
  const response = await ping.service.fetch(requestOf(body, { accept: 'text/event-stream' }))
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) {
      const data = /^data: (\{.*\})$/m.exec(message)?.[1]
      if (data)
        yield JSON.parse(data) as {
          data: { pinged: string; pondered: string }
          extensions: { cursor: string; recovered?: boolean }
        }
    }
  }
}

test('a stream carries cursors, and goes on after the one that is brought back', async () => {
  await using ping = await openPingService()
  await ping.publish('before')
  const live = streamOf(ping)
  const first = live.next()
  // Published until it is heard: a stream begins a moment after it is asked for.
  const heard = { done: false }
  void first.then(() => {
    heard.done = true
  })
  while (!heard.done) {
    await ping.publish('one')
    await setImmediate()
  }
  const { value } = await first
  expect(value?.data.pinged).toBe('one')
  await live.return(undefined)
  const rest = streamOf(ping, value?.extensions.cursor)
  await ping.publish('two')
  const seen: string[] = []
  for await (const event of rest) {
    seen.push(event.data.pinged)
    if (event.data.pinged === 'two') break
  }
  expect(seen.at(-1)).toBe('two')
  expect(new Set(seen)).not.toContain('before')
})

test('an event that tells the present state of a thing names it, and others do not', async () => {
  await using ping = await openPingService()
  for (const text of ['one', 'state of a: 1', 'state of b: 1']) await ping.publish(text)
  const history = streamOf(ping, 'beginning')
  const told = [await history.next(), await history.next(), await history.next()]
  await history.return(undefined)
  expect(told.map(({ value }) => value?.extensions)).toEqual([
    { cursor: expect.any(String) },
    { cursor: expect.any(String), state: 'a' },
    { cursor: expect.any(String), state: 'b' },
  ])
})

test('a stream that goes on in any case says first, and only there, whether it holds all', async () => {
  await using ping = await openPingService()
  for (const text of ['one', 'two', 'three']) await ping.publish(text)
  const history = streamOf(ping, 'beginning')
  const first = (await history.next()).value?.extensions
  await history.return(undefined)
  expect(first).toEqual({ cursor: expect.any(String) })
  const goOn = async () => {
    const events = streamOf(ping, first?.cursor, 'pinged', { orLive: true })
    const reading = Promise.all([events.next(), events.next()])
    // Published until it is heard: a stream begins a moment after it is asked for.
    let isHeard = false
    void reading.finally(() => {
      isHeard = true
    })
    while (!isHeard) {
      await ping.publish('later')
      await setImmediate()
    }
    const told = await reading
    await events.return(undefined)
    return told.map(({ value }) => [value?.data.pinged, value?.extensions.recovered])
  }
  expect(await goOn()).toEqual([
    ['two', true],
    ['three', undefined],
  ])
  await ping.forget()
  expect(await goOn()).toEqual([
    ['later', false],
    ['later', undefined],
  ])
})

test('a cursor of another feed or none at all is refused with its code', async () => {
  await using ping = await openPingService()
  await ping.publish('one')
  const codes: unknown[] = []
  for (const resume of ['nonsense', Buffer.from('other').toString('base64url')]) {
    const body = bodyOf('subscription { pinged }', { resume })
    const response = await ping.service.fetch(requestOf(body, { accept: 'text/event-stream' }))
    codes.push(/CURSOR_\w+/.exec(await response.text())?.[0])
  }
  expect(codes).toEqual(['CURSOR_INVALID', 'CURSOR_INVALID'])
})

test('a draining service ends its streams, refuses what is new and lets what runs end', async () => {
  await using ping = await openPingService()
  const running = ping.service.fetch(requestOf(bodyOf('{ slow }')))
  await ping.waiting
  const stream = streamOf(ping)
  const ended = stream.next()
  await ping.service.fetch(requestOf(PING))
  const stopped = ping.service.stop(5_000)
  const refused = await ping.service.fetch(requestOf(PING))
  expect(await answerOf(refused)).toMatchObject({ status: 503, body: { code: 'SERVICE_DRAINING' } })
  expect((await ended).value).toMatchObject({
    errors: [{ extensions: { code: 'SERVICE_DRAINING' } }],
  })
  ping.release()
  expect(await answerOf(await running)).toMatchObject({ body: { data: { slow: 'done' } } })
  await stopped
})

test('a stream that is at work on an event has its result before the service stops', async () => {
  await using ping = await openPingService()
  await ping.publish('before')
  const stream = streamOf(ping, undefined, 'pondered')
  const result = stream.next()
  const busy = { is: false }
  void ping.waiting.then(() => {
    busy.is = true
  })
  while (!busy.is) {
    await ping.publish('one')
    await setImmediate()
  }
  const ended: string[] = []
  const stopped = ping.service.stop(60_000).then(() => void ended.push('service'))
  for (let turns = 0; turns < 100; turns++) await setImmediate()
  expect(ended).toEqual([])
  expect(await ping.database.acrossTenants().count(InboxRow)).toBe(0)
  ping.release()
  expect((await result).value).toMatchObject({ data: { pondered: 'done' } })
  await stopped
})

test('a stream that nobody reads keeps no service from stopping', async () => {
  await using ping = await openPingService()
  const body = bodyOf('subscription { pinged }')
  const response = await ping.service.fetch(requestOf(body, { accept: 'text/event-stream' }))
  expect(response.status).toBe(200)
  for (let sent = 0; sent < 20; sent++) await ping.publish('unread')
  await ping.service.stop(600_000)
})

test('a drain is one: a stop after it waits no further for a request that hangs', async () => {
  await using ping = await openPingService()
  const running = ping.service.fetch(requestOf(bodyOf('{ slow }')))
  await ping.waiting
  await ping.service.drain(10)
  await ping.service.stop(600_000)
  expect(ping.logged.filter((line) => line.includes('requests were still running'))).toHaveLength(1)
  ping.release()
  await running
})
