import type { RequestListener, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { defaultSettings, type SubgraphSettings } from '#gateway/settings.ts'
import { createHttpTransport } from '#gateway/transport/http.ts'
import { createInFlight } from '#gateway/transport/in-flight.ts'
import { createSubgraph, type SubgraphRequest } from '#gateway/transport/subgraph.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { silentLog } from '../../kit/database.ts'
import { until } from '../../kit/gateway.ts'
import { startHttpServer } from '../../kit/http-server.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const caller = { viewer: anonymousViewer('test'), requestId: 'test' }
const query: SubgraphRequest = { kind: 'query', query: '{ me }' }
const mutation: SubgraphRequest = { kind: 'mutation', query: 'mutation { me }' }
const subscription: SubgraphRequest = { kind: 'subscription', query: 'subscription { me }' }

function subgraphAt(url: string, settings: Partial<SubgraphSettings> = {}) {
  const quick = { timeoutMs: 5000, retryMs: 100, retryFirstDelayMs: 1, retryLongestDelayMs: 5 }
  const all = { ...defaultSettings.subgraph, ...quick, streamIdleMs: 300, ...settings }
  const transport = createHttpTransport(all)
  cleanups.push(transport.close)
  const tokens: string[] = []
  const subgraph = createSubgraph({
    name: 'odd',
    url,
    fetch: transport.fetch,
    exchange: transport.exchange,
    tokens: {
      mint: () => {
        const token = `token-${tokens.length}`
        tokens.push(token)
        return token
      },
      learn: () => false,
      clockOffsets: () => ({}),
    },
    settings: all,
    randomness: systemRandomness,
    log: silentLog,
    watch: { fetched: () => undefined },
    inFlight: createInFlight(),
    changed: () => undefined,
  })
  return { ...subgraph, tokens }
}

async function serve(listener: RequestListener, settings?: Partial<SubgraphSettings>) {
  const server = await startHttpServer(listener)
  cleanups.push(server.close)
  return { server, ...subgraphAt(server.url, settings) }
}

const json = (response: ServerResponse, body: string, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)

const failure = (code: string) => ({ code, extensions: { code, subgraph: 'odd' } })

describe('a subgraph that answers', () => {
  test('is believed, with errors and whatever status', async () => {
    const { execute } = await serve((_request, response) =>
      json(response, '{"data":null,"errors":[{"message":"no"}]}', 500),
    )
    expect(await execute(query, caller)).toEqual({ data: null, errors: [{ message: 'no' }] })
  })

  test('is not believed about places that are none', async () => {
    const paths = [5, 'name', {}, [{}], [null], [['a']], null, ['a', 0], []]
    const errors = paths.map((path) => ({ message: 'no', path }))
    const { execute } = await serve((_request, response) =>
      json(response, JSON.stringify({ data: null, errors })),
    )
    const answer = await execute(query, caller)
    expect(answer.errors?.map(({ path }) => path)).toEqual([
      ...Array.from({ length: 7 }, () => undefined),
      ...[['a', 0], []],
    ])
  })

  test.each([
    ['HTML', 'text/html', '<html>Bad gateway</html>'],
    ['HTML that calls itself JSON', 'application/json', '<html>'],
    ['half an answer', 'application/json', '{"data":{"me":"Ad'],
    ['nothing', 'application/json', ''],
    ['something that is no GraphQL answer', 'application/json', '{"ok":true}'],
    ['a list', 'application/json', '[]'],
    ['data that is no object', 'application/json', '{"data":"x"}'],
    ['errors that are none', 'application/json', '{"errors":["x"]}'],
  ])('with %s is not believed', async (_what, type, body) => {
    const { execute } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body)
    })
    await expect(execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
  })

  test('with more than is allowed is not read to its end', async () => {
    const { execute } = await serve(
      (_request, response) => json(response, `{"data":{"me":"${'a'.repeat(5000)}"}}`),
      { answerBytes: 1000 },
    )
    await expect(execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
  })

  test('with a redirect is not followed', async () => {
    let asked = 0
    const { execute } = await serve((_request, response) => {
      asked++
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    await expect(execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_ANSWER_INVALID'))
    expect(asked).toBe(1)
  })
})

describe('a subgraph that does not answer', () => {
  test('in time is said to be slow, whether it says nothing or stops in the middle', async () => {
    const soon = { timeoutMs: 300 }
    const silent = await serve(() => undefined, soon)
    await expect(silent.execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_TIMEOUT'))
    const stuck = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":')
    }, soon)
    await expect(stuck.execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_TIMEOUT'))
  })

  test('at all is unreachable, as is one that hangs up', async () => {
    const closed = await startHttpServer(() => undefined)
    await closed.close()
    const gone = subgraphAt(closed.url)
    await expect(gone.execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    const rude = await serve((request) => request.socket.destroy())
    await expect(rude.execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
  })
})

describe('a second attempt', () => {
  test('of a change is not made where a 503 does not say that nothing was taken', async () => {
    let asked = 0
    const { execute } = await serve((_request, response) => {
      asked++
      json(response, '{"code":"BUSY"}', 503)
    })
    await expect(execute(mutation, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    expect(asked).toBe(1)
  })

  const failingTwice = () => {
    const asked: (string | undefined)[] = []
    const listener: RequestListener = (request, response) => {
      asked.push(String(request.headers['x-dbsbm-service-token']))
      if (asked.length === 1) return void request.socket.destroy()
      if (asked.length === 2) return void response.writeHead(503).end('busy')
      json(response, '{"data":{"me":"Ada"}}')
    }
    return { asked, listener }
  }

  test('is made for a query, each with a token of its own', async () => {
    const { asked, listener } = failingTwice()
    const { execute } = await serve(listener, { retryMs: 5000 })
    expect(await execute(query, caller)).toEqual({ data: { me: 'Ada' } })
    expect(asked).toEqual(['token-0', 'token-1', 'token-2'])
  })

  test('is never made for a mutation', async () => {
    const { asked, listener } = failingTwice()
    const { execute } = await serve(listener, { retryMs: 5000 })
    await expect(execute(mutation, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    expect(asked).toHaveLength(1)
  })

  test('is not made more often than allowed, nor for an answer that is wrong', async () => {
    let asked = 0
    const down = await serve(
      (_request, response) => {
        asked++
        response.writeHead(503).end()
      },
      { retryMs: 5000 },
    )
    await expect(down.execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    expect(asked).toBe(3)
    asked = 0
    const wrong = await serve((_request, response) => {
      asked++
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')
    })
    await expect(wrong.execute(query, caller)).rejects.toMatchObject(
      failure('SUBGRAPH_ANSWER_INVALID'),
    )
    expect(asked).toBe(1)
  })
})

describe('a subgraph that is away', () => {
  const LONG_MS = 60_000
  const patient = { retryMs: 20_000, timeoutMs: 20_000, retryLongestDelayMs: 20 }
  const answering =
    (seen: string[]): RequestListener =>
    async (request, response) => {
      seen.push((await request.toArray()).join(''))
      if (request.headers.accept !== 'text/event-stream')
        return json(response, '{"data":{"me":"Ada"}}')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('event: next\ndata: {"data":{"me":"b"}}\n\nevent: complete\ndata:\n\n')
    }
  async function startAgain(port: number, listener: RequestListener) {
    cleanups.push((await startHttpServer(listener, port)).close)
  }

  test('and comes back in time fails neither reads nor changes nor streams, each sent once', async () => {
    const { server, execute, subscribe, tokens } = await serve(() => undefined, patient)
    await server.close()
    const stream = subscribe(subscription, caller)
    const asked = [execute(query, caller), execute(mutation, caller), stream.next()]
    await until(() => tokens.length >= 6)
    const seen: string[] = []
    await startAgain(server.port, answering(seen))
    expect(await Promise.all(asked)).toEqual([
      { data: { me: 'Ada' } },
      { data: { me: 'Ada' } },
      { done: false, value: { data: { me: 'b' } } },
    ])
    expect(seen.toSorted()).toEqual(
      [query, mutation, subscription].map(({ query }) => JSON.stringify({ query })).toSorted(),
    )
    await stream.return(undefined)
  })

  test('because it drains is asked again, for a change too', async () => {
    let asked = 0
    const { execute } = await serve((_request, response) => {
      asked++
      if (asked < 5) return json(response, '{"code":"SERVICE_DRAINING"}', 503)
      return json(response, '{"data":{"me":"Ada"}}')
    }, patient)
    expect(await execute(mutation, caller)).toEqual({ data: { me: 'Ada' } })
    expect(asked).toBe(5)
  })

  test('for longer than is waited is looked for now and then; others are refused at once', async () => {
    const look = { retryFirstDelayMs: LONG_MS, retryLongestDelayMs: LONG_MS }
    const { server, execute } = await serve(() => undefined, { retryMs: 20, ...look })
    await server.close()
    const refused = () =>
      expect(execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    await refused()
    await refused()
    await startAgain(server.port, answering([]))
    // It is there, and nobody looks before the minute is over.
    await refused()
  })

  test('is asked as ever once a look has found it', async () => {
    const { server, execute } = await serve(() => undefined, { retryMs: 10 })
    await server.close()
    await expect(execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    await startAgain(server.port, answering([]))
    const found = () => execute(mutation, caller).catch(() => null)
    await expect.poll(found, { timeout: 5000 }).toEqual({ data: { me: 'Ada' } })
    const all = await Promise.all(Array.from({ length: 5 }, () => execute(query, caller)))
    expect(all).toEqual(Array(5).fill({ data: { me: 'Ada' } }))
  })

  test('is waited for by no more requests than may, and by none whose caller has left', async () => {
    const look = { retryFirstDelayMs: LONG_MS, retryLongestDelayMs: LONG_MS }
    const long = { retryMs: LONG_MS, timeoutMs: LONG_MS, ...look, mostWaiting: 2 }
    const { server, execute } = await serve(() => undefined, long)
    await server.close()
    const leaving = new AbortController()
    const asking = { ...caller, signal: leaving.signal }
    const failed: unknown[] = []
    const all = [query, mutation, query, mutation, query].map((request) =>
      execute(request, asking).catch((reason) => failed.push(reason.code ?? reason)),
    )
    await until(() => failed.length === 3)
    expect(failed).toEqual(Array(3).fill('SUBGRAPH_UNREACHABLE'))
    leaving.abort('left')
    await Promise.all(all)
    expect(failed.slice(3)).toEqual(['left', 'left'])
  })

  test('because it answers none in time is left alone', async () => {
    let asked = 0
    const look = { retryFirstDelayMs: LONG_MS, retryLongestDelayMs: LONG_MS }
    const slow = { timeoutMs: 50, retryMs: 0, mostFailures: 3, ...look }
    const { execute } = await serve(() => void asked++, slow)
    for (let count = 0; count < 3; count++) {
      await expect(execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_TIMEOUT'))
    }
    await expect(execute(query, caller)).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
    expect(asked).toBeLessThanOrEqual(3)
  })
})

describe('streams beside questions', () => {
  test('more streams than there are connections for questions leave questions their answers', async () => {
    const both: RequestListener = (request, response) => {
      if (request.headers.accept !== 'text/event-stream')
        return json(response, '{"data":{"me":"a"}}')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return response.write('event: next\ndata: {"data":{"me":"b"}}\n\n')
    }
    const { execute, subscribe } = await serve(both, { connections: 2 })
    const streams = [1, 2, 3, 4].map(() => subscribe(subscription, caller))
    const first = await Promise.all(streams.map((stream) => stream.next()))
    expect(first.map(({ value }) => value)).toEqual(Array(4).fill({ data: { me: 'b' } }))
    expect(await execute(query, caller)).toEqual({ data: { me: 'a' } })
    await Promise.all(streams.map((stream) => stream.return(undefined)))
  })
})

describe('a stream', () => {
  const streaming = (write: (response: ServerResponse) => void) =>
    serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      write(response)
    })
  const next = (name: string) => `event: next\ndata: {"data":{"me":"${name}"}}\n\n`

  test('brings its events until it is complete', async () => {
    const { subscribe } = await streaming((response) =>
      response.end(`:\n\n${next('a')}${next('b')}event: complete\ndata:\n\n`),
    )
    const events = await Array.fromAsync(subscribe(subscription, caller))
    expect(events).toEqual([{ data: { me: 'a' } }, { data: { me: 'b' } }])
  })

  test.each([
    [
      'breaks off',
      (response: ServerResponse) => response.write(next('a'), () => response.destroy()),
    ],
    ['ends without saying so', (response: ServerResponse) => response.end(next('a'))],
    ['falls silent', (response: ServerResponse) => response.write(next('a'))],
  ])('that %s says so after the events that came', async (_what, write) => {
    const { subscribe } = await streaming(write)
    const stream = subscribe(subscription, caller)
    expect((await stream.next()).value).toEqual({ data: { me: 'a' } })
    await expect(stream.next()).rejects.toMatchObject(failure('SUBGRAPH_UNREACHABLE'))
  })

  test('is alive as long as heartbeats come', async () => {
    const { subscribe } = await streaming((response) => {
      let beats = 0
      const timer = setInterval(() => {
        response.write(':\n\n')
        if (++beats < 10) return
        clearInterval(timer)
        response.end(`${next('late')}event: complete\ndata:\n\n`)
      }, 60)
    })
    expect(await Array.fromAsync(subscribe(subscription, caller))).toHaveLength(1)
  })

  test('with an event that is no answer, or too large, is not believed', async () => {
    const odd = await streaming((response) => response.write('event: next\ndata: {"da\n\n'))
    await expect(odd.subscribe(subscription, caller).next()).rejects.toMatchObject(
      failure('SUBGRAPH_ANSWER_INVALID'),
    )
    const large = await serve(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`data: ${'a'.repeat(5000)}`)
      },
      { eventBytes: 1000 },
    )
    await expect(large.subscribe(subscription, caller).next()).rejects.toMatchObject(
      failure('SUBGRAPH_ANSWER_INVALID'),
    )
  })

  test('that is refused with a plain answer brings that answer', async () => {
    const { subscribe } = await serve((_request, response) =>
      json(response, '{"errors":[{"message":"no"}]}', 400),
    )
    expect(await Array.fromAsync(subscribe(subscription, caller))).toEqual([
      { errors: [{ message: 'no' }] },
    ])
  })

  test('that is aborted is let go by the subgraph too', async () => {
    let open = 0
    const { subscribe } = await streaming((response) => {
      open++
      response.write(next('a'))
      response.once('close', () => {
        open--
      })
    })
    const ending = new AbortController()
    const stream = subscribe(subscription, { ...caller, signal: ending.signal })
    await stream.next()
    expect(open).toBe(1)
    const waiting = stream.next()
    ending.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await until(() => open === 0)
  })
})
