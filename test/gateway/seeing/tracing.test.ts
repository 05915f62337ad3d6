import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { networks } from '#kernel/config/parsers.ts'
import { type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'
import { startTraceReceiver, type TraceReceiver, treeOf } from '../../kit/trace-receiver.ts'

const LOOPBACK = networks.read('127.0.0.0/8, ::1') ?? []
const FEDERATED = 'query Board { me { name friend { name books } books } }'
const TRACE = 'a'.repeat(32)
const PARENT = 'b'.repeat(16)
const traceparent = (flags: string) => `00-${TRACE}-${PARENT}-${flags}`

let collector: TraceReceiver
let world: PlatformWorld
let ticks: TickState

async function start(settings: { ratio?: number; trusted?: boolean } = {}) {
  const readers = readersAndBooks()
  ticks = readers.ticks
  world = await startPlatformWorld({
    subgraphs: readers.sources,
    settings: {
      trustedProxies: settings.trusted ? LOOPBACK : [],
      tracing: {
        endpoint: collector.url,
        headers: { 'x-collector-key': 'k' },
        delayMs: 20,
        timeoutMs: 500,
        ratio: settings.ratio ?? 1,
      },
    },
  })
}

beforeEach(async () => {
  collector = await startTraceReceiver()
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

/** All spans that a gateway made: what waits is sent when it closes. */
async function spansAtEnd() {
  await world.gateway.close()
  return collector.spans
}

const named = (name: string) => collector.spans.filter((span) => span.name === name)

describe('the spans of a federated query', () => {
  // A browser's way, through the whole policy, and the short way of programs.
  const WAYS = [
    ['of a program', {}],
    ['of a page', { origin: 'https://elsewhere.example' }],
  ] as const

  test.each(WAYS)('%s form one tree', async (_who, headers) => {
    await start()
    expect((await world.ask(FEDERATED, { headers })).body.errors).toBeUndefined()
    const spans = await spansAtEnd()
    expect(treeOf(spans)).toEqual([
      'POST /graphql',
      '  query',
      ...['    parse', '    validate', '    prepare', '    wait', '    authorise', '    plan'],
      '    execute',
      '      sequence',
      '        fetch readers',
      '        parallel',
      ...['          flatten', '            fetch books'],
      ...['          flatten', '            fetch books'],
      '    shape',
    ])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    expect(spans.every(({ startNs, endNs }) => startNs <= endNs)).toBe(true)
    expect(collector.resource['service.name']).toBe('dbsbm-gateway')
    expect(collector.headers[0]?.['x-collector-key']).toBe('k')
  })

  test('say what they are by the names of the conventions', async () => {
    await start()
    await world.ask(FEDERATED)
    await world.ask(FEDERATED)
    await spansAtEnd()
    const [operation, again] = named('query')
    expect(operation?.attributes).toEqual({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Board',
      'dbsbm.cost': 4,
      'dbsbm.document.hash': expect.stringMatching(/^[\w-]{43}$/),
      'dbsbm.plan.cache': 'miss',
    })
    expect(again?.attributes['dbsbm.plan.cache']).toBe('hit')
    expect(named('POST /graphql')[0]?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'url.path': '/graphql',
      'http.response.status_code': 200,
      'dbsbm.outcome': 'ok',
    })
    expect(named('fetch readers')[0]).toMatchObject({
      kind: 3,
      attributes: { 'dbsbm.subgraph.name': 'readers', 'graphql.operation.type': 'query' },
    })
    expect(named('flatten').map(({ attributes }) => attributes['dbsbm.plan.path'])).toContain(
      'me.friend',
    )
  })

  test('reach the subgraphs: each request carries that of its fetch, the first of those that travel together', async () => {
    await start()
    await world.ask(FEDERATED)
    await spansAtEnd()
    const told = Object.values(world.subgraphs).flatMap(({ seen }) =>
      seen.map(({ headers }) => headers.get('traceparent')),
    )
    const fetches = collector.spans.filter(({ name }) => name.startsWith('fetch '))
    const parents = fetches.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)
    expect(fetches).toHaveLength(3)
    expect(told).toHaveLength(2)
    expect(parents).toEqual(expect.arrayContaining(told))
    expect(new Set(told).size).toBe(2)
  })

  test('of a subgraph that fails say its code, not its words', async () => {
    await start()
    await world.subgraphs.books?.close()
    await world.ask(FEDERATED)
    await spansAtEnd()
    const failed = named('fetch books')[0]
    expect(failed?.statusCode).toBe(2)
    expect(failed?.attributes['error.type']).toBe('SUBGRAPH_UNREACHABLE')
    expect(named('query')[0]?.attributes).toMatchObject({
      'error.type': 'SUBGRAPH_UNREACHABLE',
      'dbsbm.errors': 2,
    })
  })

  test('hold no variables, no literals, no tokens', async () => {
    await start()
    const token = await world.identity.mint()
    const mutation =
      'mutation M($n: String!) { a: rename(name: $n) { id } b: rename(name: "PlantedLiteral") { id } }'
    await world.ask(mutation, { token, variables: { n: 'PlantedVariable' } })
    await world.ask('{ fails }', { token })
    await spansAtEnd()
    const all = collector.bodies.join('\n')
    expect(named('mutation')).toHaveLength(1)
    for (const secret of ['Planted', 'internal detail', token.slice(-20)])
      expect(all).not.toContain(secret)
  })
})

describe('a trace that the client names', () => {
  test('is gone on with where a trusted proxy names it', async () => {
    await start({ trusted: true, ratio: 0 })
    await world.ask(FEDERATED, { headers: { traceparent: traceparent('01') } })
    const spans = await spansAtEnd()
    expect(treeOf(spans)[0]).toBe('POST /graphql')
    expect(named('POST /graphql')[0]).toMatchObject({ traceId: TRACE, parentSpanId: PARENT })
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
  })

  test('and its no is a no, which the subgraphs are told', async () => {
    await start({ trusted: true })
    await world.ask(FEDERATED, { headers: { traceparent: traceparent('00') } })
    expect(await spansAtEnd()).toEqual([])
    const told = world.subgraphs.readers?.seen[0]?.headers.get('traceparent')
    expect(told).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-00$`))
  })

  test('is a link where anybody names it', async () => {
    await start()
    await world.ask('{ me { id } }', { headers: { traceparent: traceparent('00') } })
    await spansAtEnd()
    const [request] = named('POST /graphql')
    expect(request?.traceId).not.toBe(TRACE)
    expect(request?.parentSpanId).toBeUndefined()
    expect(request?.links).toEqual([{ traceId: TRACE, spanId: PARENT }])
  })

  test('cannot make anybody who is not sampled sampled', async () => {
    await start({ ratio: 0 })
    await world.ask('{ me { id } }', { headers: { traceparent: traceparent('01') } })
    expect(await spansAtEnd()).toEqual([])
  })
})

describe('a subscription', () => {
  test('over a WebSocket is one span, and each event a trace that is linked with it', async () => {
    await start()
    using socket = openSocketClient(world.websocket)
    const { results } = socket.subscribe('subscription Live { ticks { id books } }', {
      traceparent: traceparent('01'),
    })
    await until(() => ticks.listeners === 1)
    ticks.push('7')
    ticks.push('8')
    await until(() => results.length === 2)
    await spansAtEnd()
    const [subscription] = named('subscription')
    expect(subscription?.links).toEqual([{ traceId: TRACE, spanId: PARENT }])
    const events = named('event')
    expect(events).toHaveLength(2)
    for (const event of events) {
      expect(event.links).toEqual([
        { traceId: subscription?.traceId, spanId: subscription?.spanId },
      ])
      const own = collector.spans.filter(({ traceId }) => traceId === event.traceId)
      expect(treeOf(own)).toEqual(['event', '  sequence', '    flatten', '      fetch books'])
      expect(event.attributes['graphql.operation.name']).toBe('Live')
    }
    expect(new Set(events.map(({ traceId }) => traceId)).size).toBe(2)
  })

  test('over SSE stands under its request', async () => {
    await start()
    await using stream = await openEventStream(world.endpoint, {
      query: 'subscription { ticks { id } }',
    })
    await until(() => ticks.listeners === 1)
    ticks.push('7')
    await until(() => stream.events.length === 1)
    await spansAtEnd()
    const [request, subscription] = [named('POST /graphql')[0], named('subscription')[0]]
    expect(subscription?.parentSpanId).toBe(request?.spanId)
    expect(named('event')).toHaveLength(1)
  })
})

describe('a collector that fails', () => {
  const metric = async (outcome: string) => {
    const text = await (await fetch(`${world.url}/metrics`)).text()
    const line = new RegExp(`^dbsbm_gateway_spans_total{outcome="${outcome}"} (\\d+)$`, 'm')
    return Number(line.exec(text)?.[1] ?? 0)
  }

  test('hurts no request and is told once', async () => {
    await start()
    collector.answer(400)
    for (let asked = 0; asked < 3; asked++) {
      expect((await world.ask(FEDERATED)).status).toBe(200)
      await until(() => collector.headers.length > asked)
    }
    await expect.poll(() => metric('failed')).toBe(51)
    const told = world.logged.filter((line) => line.includes('spans did not reach'))
    expect(told).toHaveLength(1)
    expect(told[0]).not.toContain('x-collector-key')
  })

  test('by never answering holds up neither a request nor the end', async () => {
    await start()
    collector.answer('hang')
    expect((await world.ask(FEDERATED)).status).toBe(200)
    const began = performance.now()
    await world.gateway.close()
    expect(performance.now() - began).toBeLessThan(3000)
  })
})
