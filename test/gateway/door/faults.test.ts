import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { gatewaySettings } from '#gateway/settings.ts'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import { createServiceTokenVerifier } from '#kernel/auth/service-token.ts'
import { systemClock } from '#kernel/clock.ts'
import {
  serviceKeysOfTests,
  startPlatformWorld,
  startStandaloneWorld,
  subscriptionsAt,
  until,
} from '../../kit/gateway.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const QUERY = '{ me { name books } }'

/** The world of readers with another server where the books were. */
async function withBooksAt(url: string) {
  return startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    settings: { subgraph: { timeoutMs: 300 }, requestTimeoutMs: 5000 },
    rewrite: (sdl) => sdl.replace(/(name: "books", url: ")[^"]+/, `$1${url}`),
  })
}

describe('one subgraph that fails', () => {
  test.each([
    ['answers HTML', 'text/html', '<html>internal-host:8080</html>', 'SUBGRAPH_ANSWER_INVALID'],
    ['answers half', 'application/json', '{"data":{"_ent', 'SUBGRAPH_ANSWER_INVALID'],
    ['answers nothing', 'application/json', '', 'SUBGRAPH_ANSWER_INVALID'],
  ])(
    'and %s leaves its part out, with a code and its name alone',
    async (_what, type, body, code) => {
      await using server = await startHttpServer((_request, response) => {
        response.writeHead(200, { 'content-type': type }).end(body)
      })
      await using world = await withBooksAt(server.url)
      const answer = await world.ask(QUERY)
      expect(answer.status).toBe(200)
      expect(answer.body.data).toEqual({ me: { name: 'Ada', books: null } })
      expect(answer.body.errors).toMatchObject([{ extensions: { code, subgraph: 'books' } }])
      expect(JSON.stringify(answer.body)).not.toMatch(/internal-host|127\.0\.0\.1|at .*\.ts/)
    },
  )

  test('and is not there, or says nothing, is told apart', async () => {
    const gone = await startHttpServer(() => undefined)
    await gone.close()
    await using unreachable = await withBooksAt(gone.url)
    expect((await unreachable.ask(QUERY)).body).toMatchObject({
      data: { me: { name: 'Ada', books: null } },
      errors: [{ extensions: { code: 'SUBGRAPH_UNREACHABLE', subgraph: 'books' } }],
    })
    await using silent = await startHttpServer(() => undefined)
    await using slow = await withBooksAt(silent.url)
    expect((await slow.ask(QUERY)).body).toMatchObject({
      data: { me: { name: 'Ada', books: null } },
      errors: [{ extensions: { code: 'SUBGRAPH_TIMEOUT', subgraph: 'books' } }],
    })
  })
})

describe('a request', () => {
  test('that takes too long ends with REQUEST_TIMEOUT', async () => {
    await using silent = await startHttpServer(() => undefined)
    await using world = await startStandaloneWorld({
      subgraphs: readersAndBooks().sources,
      settings: { requestTimeoutMs: 200 },
      rewrite: (sdl) => sdl.replace(/(name: "books", url: ")[^"]+/, `$1${silent.url}`),
    })
    const answer = await world.ask(QUERY)
    expect([answer.status, answer.body.errors?.[0]?.extensions.code]).toEqual([
      504,
      'REQUEST_TIMEOUT',
    ])
    expect((await world.ask('{ me { name } }')).status).toBe(200)
  })

  test('that meets a bug is told nothing but its id, under which the log has the cause', async () => {
    let isServing = false
    const settings = gatewaySettings()
    Object.defineProperty(settings, 'sharing', {
      get: () => {
        if (isServing) throw new TypeError('secret of the house')
        return true
      },
    })
    const subgraphs = readersAndBooks().sources
    await using world = await startStandaloneWorld({ subgraphs, options: { settings } })
    isServing = true
    const answer = await world.ask('{ me { id } }', { headers: { 'x-request-id': 'bug-1' } })
    expect(answer.body.errors).toEqual([
      {
        message: 'Unexpected error.',
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'bug-1' },
      },
    ])
    const line = world.logged.find((entry) => entry.includes('secret of the house'))
    expect(line).toContain('"requestId":"bug-1"')
  })
})

describe('a subgraph inside the process', () => {
  test('is asked by the same path, with a token for it alone', async () => {
    const typeDefs = readersAndBooks().sources[1]?.typeDefs ?? ''
    const verifier = createServiceTokenVerifier({
      keys: serviceKeysOfTests,
      clock: systemClock,
      callee: 'books',
      replayWindow: createReplayWindow({ clock: systemClock }),
    })
    const callers: string[] = []
    const yoga = createYoga({
      schema: buildSubgraphSchema({
        typeDefs: parse(
          `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) ${typeDefs}`,
        ),
        resolvers: { Reader: { books: () => ['from inside'] } },
      }),
      logging: false,
    })
    await using world = await startPlatformWorld({
      subgraphs: readersAndBooks().sources,
      options: {
        localSubgraphs: {
          books: async (request) => {
            const body = await request.clone().text()
            callers.push(verifier.verify(request.headers.get('x-dbsbm-service-token'), body).caller)
            return yoga.fetch(request)
          },
        },
      },
    })
    const { body } = await world.ask(QUERY)
    expect(body.data).toEqual({ me: { name: 'Ada', books: ['from inside'] } })
    expect(callers).toEqual(['gateway'])
    expect(world.subgraphs.books?.seen).toEqual([])
  })
})

describe('a client that stops reading', () => {
  test('is let go before its messages fill the memory', async () => {
    const { sources, ticks } = readersAndBooks()
    await using world = await startStandaloneWorld({
      subgraphs: sources,
      settings: { live: { bufferedBytes: 200_000, keepAliveMs: 60_000, stalledMs: 500 } },
    })
    const socket = new WebSocket(world.websocket, 'graphql-transport-ws')
    const acknowledged = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    socket.once('open', () => socket.send('{"type":"connection_init"}'))
    socket.once('message', () => acknowledged.resolve())
    socket.once('close', () => closed.resolve())
    await acknowledged.promise
    for (let id = 0; id < 50; id++) {
      const payload = { query: 'subscription { ticks { name } }' }
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload }))
    }
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(50)
    // All ask the same.
    await until(() => ticks.listeners === 1)
    socket.pause()
    const large = 'x'.repeat(100_000)
    for (let round = 0; round < 10; round++) ticks.push(large)
    await until(() => ticks.listeners === 0, 15_000)
    socket.resume()
    await closed.promise
    using other = openSocketClient(world.websocket)
    const { results } = other.subscribe('subscription { ticks { name } }')
    await until(() => ticks.listeners === 1)
    ticks.push('1')
    await until(() => results.length === 1)
  })
})

describe('a WebSocket that is refused', () => {
  const HANDSHAKE = [
    'host: gateway',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version: 13',
  ].join('\r\n')

  /** Failures that nobody in the gateway heard: each of them ends a process. */
  async function unheardDuring(work: () => Promise<void>): Promise<unknown[]> {
    const before = process.rawListeners('uncaughtException')
    const unheard: unknown[] = []
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (failure) => unheard.push(failure))
    try {
      await work()
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of before) process.on('uncaughtException', listener as () => void)
    }
    return unheard
  }

  test('and whose client is gone before the refusal is written harms nobody', async () => {
    await using world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
    const { port } = new URL(world.url)
    const unheard = await unheardDuring(async () => {
      for (let round = 0; round < 20; round++) {
        const socket = connect(Number(port), '127.0.0.1')
        socket.on('error', () => undefined)
        await once(socket, 'connect')
        socket.write(`GET /elsewhere HTTP/1.1\r\n${HANDSHAKE}\r\n\r\n`)
        socket.resetAndDestroy()
      }
      expect((await world.ask('{ me { id } }')).status).toBe(200)
    })
    expect(unheard).toEqual([])
  })

  test.each(['//', 'http://[', '/\\'])('and asks for %s harms nobody', async (target) => {
    await using world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
    const { port } = new URL(world.url)
    const unheard = await unheardDuring(async () => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(`GET ${target} HTTP/1.1\r\n${HANDSHAKE}\r\n\r\n`)
      const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(2000) })
      expect(String(answer)).toContain('404 Not Found')
    })
    expect(unheard).toEqual([])
  })
})

test('a port that nothing can listen on is said', async () => {
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const { port } = blocker.address() as { port: number }
  await using world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
  await using second = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
  await second.gateway.close()
  await expect(second.gateway.listen(port, '127.0.0.1')).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  })
  expect((await world.ask('{ me { id } }')).status).toBe(200)
  blocker.close()
})
