import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultSettings, type SubgraphSettings } from '#gateway/settings.ts'
import { createSubgraphs } from '#gateway/transport/subgraphs.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { silentLog } from '../../kit/database.ts'
import { until } from '../../kit/gateway.ts'
import { type LocalServer, startHttpServer } from '../../kit/http-server.ts'

type Callback = {
  callbackUrl: string
  subscriptionId: string
  verifier: string
  heartbeatIntervalMs: number
}
type Asked = { query: string; extensions: { resume?: string; subscription: Callback } }

/** What the subgraph does before it answers the asking, and what it answers. */
type Manners = {
  before?: (callback: Callback) => Promise<unknown>
  answer?: string
  status?: number
}

let gateway: LocalServer
let subgraph: LocalServer
let subgraphs: ReturnType<typeof createSubgraphs>
let manners: Manners
let asked: Asked[]
const closing: (() => Promise<void>)[] = []

/** Posts as a subgraph does. */
async function post({ callbackUrl, ...known }: Callback, message: object, more: RequestInit = {}) {
  const { subscriptionId: id, verifier } = known
  const body = JSON.stringify({ kind: 'subscription', id, verifier, ...message })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(callbackUrl, { method: 'POST', headers, body, ...more })
  return { status: response.status, protocol: response.headers.get('subscription-protocol') }
}
const check = (callback: Callback) => post(callback, { action: 'check' })
const next = (callback: Callback, ticks: number) =>
  post(callback, { action: 'next', payload: { data: { ticks } } })

beforeEach(async () => {
  manners = {}
  asked = []
  gateway = await startHttpServer((request, response) => {
    if (!subgraphs.takeCallback(request, response)) response.writeHead(418).end()
  })
  subgraph = await startHttpServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const body = JSON.parse(text) as Asked
    asked.push(body)
    await (manners.before ?? check)(body.extensions.subscription)
    response.writeHead(manners.status ?? 200, { 'content-type': 'application/json' })
    response.end(manners.answer ?? '{"data":null}')
  })
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await subgraph.close()
  await gateway.close()
})

const caller = { viewer: anonymousViewer('r-1'), requestId: 'r-1' }
const failure = (code: string) => ({ code, extensions: { code, subgraph: 'odd' } })

function open(settings: Partial<SubgraphSettings> = {}, signal?: AbortSignal) {
  const quick = { timeoutMs: 2_000, retryMs: 0, streamIdleMs: 5_000 }
  const chosen = { streams: { odd: 'callback' } as const, callbackUrl: gateway.url }
  subgraphs = createSubgraphs({
    ...{ local: {}, tokens: null, randomness: systemRandomness, log: silentLog },
    settings: { ...defaultSettings.subgraph, ...quick, ...chosen, ...settings },
    watch: { fetched: () => undefined },
  })
  closing.push(subgraphs.close)
  const subscribe = () =>
    subgraphs
      .at({ name: 'odd', url: `${subgraph.url}/graphql` })
      .subscribe(
        { kind: 'subscription', query: 'subscription { ticks }', extensions: { resume: 'c' } },
        { ...caller, signal },
      )
  return subscribe
}

/** A subscription that was asked, and what its subgraph knows. */
async function begin(subscribe: ReturnType<typeof open>) {
  const at = asked.length
  const stream = subscribe()
  const first = stream.next()
  // Told to whoever waits for it, which may be a moment later.
  first.catch(() => undefined)
  await until(() => asked.length > at)
  const callback = asked[at]?.extensions.subscription as Callback
  return { stream, first, callback }
}
const tick = (ticks: number) => ({ done: false, value: { data: { ticks } } })

describe('a subgraph that posts its events', () => {
  test('is asked with what it needs, and streams to its end', async () => {
    const { stream, first, callback } = await begin(open())
    expect(asked[0]).toMatchObject({ query: 'subscription { ticks }', extensions: { resume: 'c' } })
    expect(callback).toEqual({
      callbackUrl: `${gateway.url}/callback/${callback.subscriptionId}`,
      subscriptionId: expect.stringMatching(/^[\w-]{22}$/),
      verifier: expect.stringMatching(/^[\w-]{22}$/),
      heartbeatIntervalMs: 1_666,
    })
    const taken = { status: 204, protocol: 'callback/1.0' }
    expect(await next(callback, 1)).toEqual(taken)
    expect(await first).toEqual(tick(1))
    expect(await check(callback)).toEqual(taken)
    expect(await next(callback, 2)).toEqual(taken)
    expect(await post(callback, { action: 'complete' })).toEqual(taken)
    expect(await stream.next()).toEqual(tick(2))
    expect((await stream.next()).done).toBe(true)
    expect((await next(callback, 3)).status).toBe(404)
  })

  test('ends with the errors that it names, whether posted or answered', async () => {
    const posted = await begin(open())
    const errors = [{ message: 'no more' }]
    await post(posted.callback, { action: 'complete', errors })
    expect((await posted.first).value).toEqual({ errors })
    expect((await posted.stream.next()).done).toBe(true)
    manners = { before: async () => undefined, answer: '{"errors":[{"message":"refused"}]}' }
    const answered = await begin(open())
    expect((await answered.first).value).toEqual({ errors: [{ message: 'refused' }] })
    expect((await answered.stream.next()).done).toBe(true)
  })

  test('hears 404 once its asker has left, and its neighbour goes on', async () => {
    const leaving = new AbortController()
    const subscribe = open({}, leaving.signal)
    const { first, callback } = await begin(subscribe)
    expect((await next(callback, 1)).status).toBe(204)
    expect(await first).toEqual(tick(1))
    const other = subgraphs.at({ name: 'odd', url: `${subgraph.url}/graphql` })
    const stream = other.subscribe(
      { kind: 'subscription', query: 'subscription { ticks }' },
      caller,
    )
    const reading = stream.next()
    await until(() => asked.length === 2)
    leaving.abort(new Error('gone'))
    const neighbour = asked[1]?.extensions.subscription as Callback
    expect((await next(neighbour, 7)).status).toBe(204)
    expect(await reading).toEqual(tick(7))
    await stream.return(undefined)
    expect((await check(neighbour)).status).toBe(404)
  })

  test('waits for its answer while the reader is behind, and floods in vain', async () => {
    const { stream, first, callback } = await begin(open())
    await next(callback, 0)
    await first
    const answered: number[] = []
    const posting = (async () => {
      for (let at = 1; at <= 20; at++) answered.push((await next(callback, at)).status)
    })()
    await until(() => answered.length === 15)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answered).toHaveLength(15)
    for (let at = 1; at <= 20; at++) expect(await stream.next()).toEqual(tick(at))
    await posting
    expect(answered).toEqual(Array(20).fill(204))
    const flood = await Promise.all(Array.from({ length: 150 }, (_, at) => next(callback, at)))
    expect(flood.map(({ status }) => status)).toContain(400)
    const reading = async () => {
      for await (const _answer of stream);
    }
    await expect(reading()).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
  })

  test('is dead when its heartbeats stay away, and alive as long as they come', async () => {
    const { first, callback } = await begin(open({ streamIdleMs: 300 }))
    const beats = Date.now() + 700
    while (Date.now() < beats) {
      expect((await check(callback)).status).toBe(204)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await expect(first).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    expect((await check(callback)).status).toBe(404)
  })
})

describe('a subgraph that misbehaves', () => {
  test.each<[string, string, Manners]>([
    [
      'never asks whether the callback is there',
      'SUBGRAPH_ANSWER_INVALID',
      { before: async () => {} },
    ],
    ['answers HTML', 'SUBGRAPH_ANSWER_INVALID', { answer: '<html>' }],
    ['takes nothing', 'SUBGRAPH_UNREACHABLE', { status: 503 }],
    ['does not answer', 'SUBGRAPH_TIMEOUT', { before: () => new Promise(() => {}) }],
    ['posts before it is verified', 'SUBGRAPH_ANSWER_INVALID', { before: (to) => next(to, 1) }],
  ])('and %s answers %s', async (_what, code, how) => {
    manners = how
    const { first, callback } = await begin(open({ timeoutMs: 400 }))
    await expect(first).rejects.toMatchObject(failure(code))
    expect((await check(callback)).status).toBe(404)
  })

  test.each([
    ['an answer that is none', { action: 'next', payload: { ok: true } }],
    ['no answer at all', { action: 'next' }],
    ['errors that are none', { action: 'complete', errors: ['x'] }],
  ])('by %s ends with a code', async (_what, message) => {
    const { first, callback } = await begin(open())
    expect((await post(callback, message)).status).toBe(400)
    await expect(first).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
  })

  test('by a flood of heartbeats ends with a code', async () => {
    const { first, callback } = await begin(open())
    const ended = expect(first).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
    await Promise.all(Array.from({ length: 150 }, () => check(callback)))
    await ended
  })
})

describe('a stranger who posts', () => {
  test('is refused whatever it tries, and the stream hears nothing of it', async () => {
    const { first, callback } = await begin(open({ eventBytes: 1_000 }))
    const { callbackUrl } = callback
    const attempts: [number, Promise<{ status: number }>][] = [
      [404, next({ ...callback, verifier: 'x'.repeat(22) }, 9)],
      [404, next({ ...callback, verifier: '' }, 9)],
      [404, next({ ...callback, subscriptionId: 'x'.repeat(22) }, 9)],
      [404, next({ ...callback, callbackUrl: `${gateway.url}/callback/${'x'.repeat(22)}` }, 9)],
      [404, next({ ...callback, callbackUrl: `${gateway.url}/callback/` }, 9)],
      [404, next({ ...callback, callbackUrl: `${gateway.url}/callback/__proto__` }, 9)],
      [400, post(callback, {}, { body: '{"kind":' })],
      [400, post(callback, {}, { body: '[]' })],
      [400, post(callback, { kind: 'query', action: 'check' })],
      [400, post(callback, { action: 'heartbeat' })],
      [400, post(callback, { action: 'next', verifier: 7 })],
      [413, post(callback, { action: 'next', payload: 'x'.repeat(9_000) })],
      [415, post(callback, { action: 'check' }, { headers: { 'content-type': 'text/plain' } })],
      [405, fetch(callbackUrl)],
      [418, fetch(`${gateway.url}/graphql`)],
    ]
    for (const [status, attempt] of attempts) expect((await attempt).status).toBe(status)
    await next(callback, 1)
    expect(await first).toEqual(tick(1))
  })
})

test('callbacks without an address to call back are refused at start', () => {
  expect(() => open({ callbackUrl: null })).toThrow(
    expect.objectContaining({ code: 'SUBGRAPH_STREAMS_REFUSED' }),
  )
})
