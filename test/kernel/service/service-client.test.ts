import { describe, expect, test } from 'vitest'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { createServiceTokenVerifier, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { createServiceClient, type ServiceClientDeps } from '#kernel/service/service-client.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import { silentLog } from '../../kit/database.ts'

const viewer: Viewer = {
  kind: 'user',
  userId: '42',
  sessionId: 's1',
  keyId: null,
  reach: { kind: 'tenant', tenantId: '7' },
  scopes: ['quotas:write'],
  serviceName: null,
  requestId: 'request-1',
  client: null,
}

type Seen = { caller: string; viewer: Viewer; path: string; body: string; request: Request }

/** A tenancy that checks tokens as every subgraph does, answers in turn, and notes what it saw. */
function createWorld(answers: (() => Response | Promise<Response>)[]) {
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  const keys = deriveServiceKeys(Buffer.alloc(32, 5))
  const replayWindow = createReplayWindow({ clock })
  const verifier = createServiceTokenVerifier({ keys, clock, callee: 'tenancy', replayWindow })
  const seen: Seen[] = []
  const fetch: SubgraphFetch = async (request) => {
    const body = await request.clone().text()
    const verified = verifier.verify(request.headers.get(SERVICE_TOKEN_HEADER), body)
    seen.push({ ...verified, path: new URL(request.url).pathname, body, request })
    const answer = answers[Math.min(seen.length, answers.length) - 1]
    if (!answer) throw new TypeError('fetch failed')
    return answer()
  }
  const connect = (change: Partial<ServiceClientDeps> = {}) =>
    createServiceClient({
      caller: 'identity',
      keys,
      clock,
      randomness: createSeededRandomness('service client'),
      resolve: () => ({ url: 'http://tenancy.test/base', fetch }),
      log: silentLog,
      timeoutMs: 5000,
      patienceMs: 500,
      retryDelayMs: 1,
      ...change,
    })
  return { connect, seen, client: connect() }
}

const json =
  (value: unknown, status = 200) =>
  () =>
    Response.json(value, { status })
const text =
  (value: string, status = 200) =>
  () =>
    new Response(value, { status })
const failing = () => Promise.reject(new TypeError('fetch failed'))
const refusal = (code: string) => expect.objectContaining({ code })
const reserve = { path: '/reserve', body: { amount: 1 } } as const

describe('a call', () => {
  test('carries a token for its body, the viewer and the request id, and answers JSON', async () => {
    const { client, seen } = createWorld([json({ reserved: true })])
    const answer = await client.call('tenancy', { ...reserve, viewer })
    expect(answer).toEqual({ reserved: true })
    const [first] = seen
    expect(first).toMatchObject({ caller: 'identity', viewer, path: '/base/reserve' })
    expect(first?.body).toBe('{"amount":1}')
    expect(first?.request.headers.get('x-request-id')).toBe('request-1')
  })

  test('on nobody’s behalf names the service and gives it no rights', async () => {
    const { client, seen } = createWorld([json({})])
    await client.call('tenancy', reserve)
    expect(seen[0]?.viewer).toMatchObject({
      kind: 'service',
      serviceName: 'identity',
      userId: null,
      reach: { kind: 'none' },
      scopes: [],
    })
  })

  test('brings the other service’s refusal with its own code and plain details', async () => {
    const details = { code: 'QUOTA_EXCEEDED', message: 'Used up.', limit: 5, inner: { secret: 1 } }
    const { client, seen } = createWorld([json(details, 409)])
    const call = client.call('tenancy', { ...reserve, idempotencyKey: 'k1' })
    await expect(call).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: 'Used up.',
      extensions: { code: 'QUOTA_EXCEEDED', limit: 5 },
    })
    expect(seen).toHaveLength(1)
  })

  test('brings the refusal of its own token', async () => {
    const { connect, seen } = createWorld([json({ code: 'SERVICE_TOKEN_INVALID' }, 401)])
    const call = connect().call('tenancy', reserve)
    await expect(call).rejects.toMatchObject({ code: 'SERVICE_TOKEN_INVALID' })
    expect(seen).toHaveLength(1)
  })

  test('is refused inside an open transaction, and nothing is sent', async () => {
    const { connect, seen } = createWorld([json({})])
    let isOpen = true
    const client = connect({ isInTransaction: () => isOpen })
    const code = refusal('SERVICE_CALL_IN_TRANSACTION')
    await expect(client.call('tenancy', reserve)).rejects.toThrow(code)
    await expect(client.query('tenancy', { document: '{ a }', viewer })).rejects.toThrow(code)
    expect(seen).toHaveLength(0)
    isOpen = false
    expect(await client.call('tenancy', reserve)).toEqual({})
  })
})

describe('answers that cannot be understood', () => {
  test.each([
    ['HTML', text('<html>hello</html>')],
    ['half an answer', text('{"reserved":tr')],
    ['nothing', () => new Response(null, { status: 200 })],
    ['bytes that are no UTF-8', () => new Response(new Uint8Array([0x22, 0xff, 0x22]))],
    ['more than the bound', text(JSON.stringify('x'.repeat(2000)))],
    ['a refusal without code', json({ error: 'no' }, 400)],
  ])('%s is refused as such and not asked again', async (_sentence, answer) => {
    const { connect, seen } = createWorld([answer])
    const client = connect({ maxAnswerBytes: 1000 })
    const call = client.call('tenancy', { ...reserve, idempotencyKey: 'k1' })
    await expect(call).rejects.toThrow(refusal('SERVICE_ANSWER_INVALID'))
    expect(seen).toHaveLength(1)
  })

  test('an endless answer is cut off', async () => {
    let isCancelled = false
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(100)),
      cancel: () => {
        isCancelled = true
      },
    })
    const { connect } = createWorld([() => new Response(endless)])
    const call = connect({ maxAnswerBytes: 1000 }).call('tenancy', reserve)
    await expect(call).rejects.toThrow(refusal('SERVICE_ANSWER_INVALID'))
    expect(isCancelled).toBe(true)
  })
})

describe('tries', () => {
  test('with an idempotency key a lost answer is asked for again, each time under a new token', async () => {
    const { client, seen } = createWorld([failing, text('bad gateway', 502), json({ done: 1 })])
    const answer = await client.call('tenancy', { ...reserve, idempotencyKey: 'k1' })
    expect(answer).toEqual({ done: 1 })
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual(
      Array(3).fill({ amount: 1, idempotencyKey: 'k1' }),
    )
    const tokens = seen.map(({ request }) => request.headers.get(SERVICE_TOKEN_HEADER))
    expect(new Set(tokens).size).toBe(3)
  })

  test('without one it is asked once', async () => {
    const { client, seen } = createWorld([failing, json({ done: 1 })])
    await expect(client.call('tenancy', reserve)).rejects.toThrow(refusal('SERVICE_UNREACHABLE'))
    expect(seen).toHaveLength(1)
  })

  test('they are bounded, and the last failure is told with its cause', async () => {
    const { client, seen } = createWorld([failing])
    const call = client.call('tenancy', { ...reserve, idempotencyKey: 'k1' })
    await expect(call).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      extensions: { service: 'tenancy' },
      cause: new TypeError('fetch failed'),
    })
    expect(seen).toHaveLength(3)
  })

  test('a server that is stopping took nothing: it is asked again, without a key too', async () => {
    const draining = json({ code: 'SERVICE_DRAINING' }, 503)
    const { client, seen } = createWorld([...Array(5).fill(draining), json({ done: 1 })])
    expect(await client.call('tenancy', reserve)).toEqual({ done: 1 })
    expect(seen).toHaveLength(6)
  })

  test('one that stays away is told of in its own words when the patience is over', async () => {
    const { connect } = createWorld([json({ code: 'SERVICE_DRAINING' }, 503)])
    const call = connect({ patienceMs: 30 }).call('tenancy', reserve)
    await expect(call).rejects.toMatchObject({ code: 'SERVICE_DRAINING' })
  })

  test('another service’s refusal that the callee hands on is no refusal of its door', async () => {
    const { client, seen } = createWorld([json({ code: 'SERVICE_DRAINING' }, 422), json({})])
    const call = client.call('tenancy', { ...reserve, idempotencyKey: 'k1' })
    await expect(call).rejects.toMatchObject({ code: 'SERVICE_DRAINING' })
    expect(seen).toHaveLength(1)
  })

  test('all of them end within the time of the call', async () => {
    const hanging = () => new Promise<Response>(() => {})
    const { connect, seen } = createWorld([json({ code: 'SERVICE_DRAINING' }, 503), hanging])
    const call = connect({ timeoutMs: 60, patienceMs: 60_000 }).query('tenancy', {
      document: '{ guilds }',
      viewer,
    })
    await expect(call).rejects.toThrow(refusal('SERVICE_TIMEOUT'))
    expect(seen).toHaveLength(2)
  })

  test('an answer that never comes is given up in time, even by a transport that hears nothing', async () => {
    const { connect, seen } = createWorld([() => new Promise<Response>(() => {})])
    const call = connect({ timeoutMs: 20 }).call('tenancy', reserve)
    await expect(call).rejects.toThrow(refusal('SERVICE_TIMEOUT'))
    expect(seen[0]?.request.signal.aborted).toBe(true)
  })

  test('an answer that begins and never ends is given up in time', async () => {
    const stuck = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('{')),
    })
    const { connect } = createWorld([() => new Response(stuck)])
    const call = connect({ timeoutMs: 20 }).call('tenancy', reserve)
    await expect(call).rejects.toThrow(refusal('SERVICE_TIMEOUT'))
  })

  test('whoever asked may stop it, while it waits for an answer and between tries', async () => {
    const waiting = new AbortController()
    const reason = new Error('the client left')
    const { client, seen } = createWorld([
      () => {
        waiting.abort(reason)
        return new Promise<Response>(() => {})
      },
    ])
    const call = { ...reserve, idempotencyKey: 'k1', signal: waiting.signal }
    await expect(client.call('tenancy', call)).rejects.toBe(reason)
    expect(seen).toHaveLength(1)
    await expect(client.call('tenancy', call)).rejects.toBe(reason)
    expect(seen).toHaveLength(1)

    const between = new AbortController()
    const failed = createWorld([failing])
    const slow = failed.connect({
      retryDelayMs: 60_000,
      patienceMs: 600_000,
      timeoutMs: 600_000,
    })
    const stopped = slow.call('tenancy', { ...call, signal: between.signal })
    await expect.poll(() => failed.seen.length).toBe(1)
    between.abort(reason)
    await expect(stopped).rejects.toBe(reason)
  })
})

describe('a query', () => {
  const document = 'query Guild($id: ID!) { guild(id: $id) { name } }'

  test('answers the data', async () => {
    const { client, seen } = createWorld([json({ data: { guild: { name: 'Acme' } } })])
    const answer = await client.query('tenancy', { document, variables: { id: '1' }, viewer })
    expect(answer).toEqual({ guild: { name: 'Acme' } })
    expect(seen[0]).toMatchObject({ path: '/base/graphql', viewer })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ query: document, variables: { id: '1' } })
  })

  test('is tried again by itself', async () => {
    const { client, seen } = createWorld([failing, json({ data: {} })])
    expect(await client.query('tenancy', { document: '{ guilds }', viewer })).toEqual({})
    expect(seen).toHaveLength(2)
  })

  test('with an error is refused with its code, though data came too', async () => {
    const errors = [{ message: 'Not yours.', extensions: { code: 'GUILD_UNKNOWN', id: '1' } }]
    const { client } = createWorld([json({ data: { guild: null }, errors })])
    await expect(client.query('tenancy', { document, viewer })).rejects.toMatchObject({
      code: 'GUILD_UNKNOWN',
      message: 'Not yours.',
      extensions: { id: '1' },
    })
  })

  test.each([
    ['no data', {}],
    ['data null', { data: null }],
    ['a list', []],
    ['an error without code', { errors: [{ message: 'Syntax Error' }] }],
  ])('with %s is an answer that cannot be understood', async (_sentence, answer) => {
    const { client } = createWorld([json(answer)])
    const query = client.query('tenancy', { document, viewer })
    await expect(query).rejects.toThrow(refusal('SERVICE_ANSWER_INVALID'))
  })

  test('that is none is not sent', async () => {
    const { client, seen } = createWorld([json({ data: {} })])
    for (const other of ['mutation { a }', 'subscription { a }', 'queryAll { a }', '']) {
      const query = client.query('tenancy', { document: other, viewer })
      await expect(query).rejects.toThrow(refusal('SERVICE_QUERY_EXPECTED'))
    }
    expect(seen).toHaveLength(0)
  })
})
