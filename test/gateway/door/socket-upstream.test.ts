import { once } from 'node:events'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { startPlatformWorld, startStandaloneWorld, until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const TICKS = 'subscription { ticks { id name books } }'
const FEDERATION =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes"])\n'

/** The ticking subgraph, made with graphql-ws, on a socket alone. */
async function startSocketSubgraph() {
  const { sources, ticks } = readersAndBooks()
  const [readers] = sources
  if (!readers) throw new Error('no readers')
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(sockets, 'listening')
  const cursorOf = (data: unknown) => readers.cursorOf?.((data ?? {}) as Record<string, unknown>)
  useServer(
    {
      schema: buildSubgraphSchema({
        typeDefs: parse(FEDERATION + readers.typeDefs),
        resolvers: readers.resolvers,
      }),
      context: (_context, _id, params) => ({ params }),
      onNext: (_context, _id, _payload, _args, { data = null }) => ({
        data,
        extensions: { cursor: cursorOf(data) },
      }),
    },
    sockets,
  )
  const { port } = sockets.address() as { port: number }
  const close = async () => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
  const url = `http://127.0.0.1:${port}/graphql`
  /** Puts the socket's address in place of the one over HTTP. */
  const rewrite = (sdl: string) =>
    sdl.replace(/(READERS @join__graph\(name: "readers", url: ")[^"]+/, `$1${url}`)
  return { sources, ticks, sockets, rewrite, [Symbol.asyncDispose]: close }
}

const settings = { subgraph: { streams: { readers: 'ws' } } } as const
const eventOf = (id: string) => ({
  data: { ticks: { id, name: id, books: [`book of ${id}`] } },
  extensions: { cursor: `cursor-${id}` },
})

test('a gateway alone subscribes at a subgraph over its socket, and completes, shares and resumes as ever', async () => {
  await using upstream = await startSocketSubgraph()
  const { ticks, sockets, rewrite } = upstream
  await using world = await startStandaloneWorld({ subgraphs: upstream.sources, settings, rewrite })
  expect(world.sdl).toBe(rewrite(world.sdl))
  using socket = openSocketClient(world.websocket)
  const { results, stop } = socket.subscribe(TICKS)
  await using stream = await openEventStream(world.endpoint, { query: TICKS })
  await until(() => ticks.listeners === 1)
  ticks.push('7')
  ticks.push('8')
  await until(() => results.length === 2 && stream.events.length === 2)
  expect(results).toEqual([eventOf('7'), eventOf('8')])
  expect(stream.events.map(({ id }) => id)).toEqual(['cursor-7', 'cursor-8'])
  const extensions = { resume: 'cursor-7', orLive: true }
  await using resumed = await openEventStream(world.endpoint, { query: TICKS, extensions })
  await until(() => resumed.events.length === 1)
  expect(resumed.events[0]?.data).toEqual(eventOf('8'))
  expect(ticks.resumedFrom.at(-1)).toBe('cursor-7')
  expect(ticks.orLive.at(-1)).toBe(true)
  stop()
  stream.cancel()
  resumed.cancel()
  await until(() => ticks.listeners === 0 && sockets.clients.size === 0)
})

test('a socket that is cut is opened again after the last event: nothing is missing, nothing comes twice', async () => {
  await using upstream = await startSocketSubgraph()
  const { ticks, sockets, rewrite } = upstream
  await using world = await startStandaloneWorld({ subgraphs: upstream.sources, settings, rewrite })
  using socket = openSocketClient(world.websocket)
  const { results } = socket.subscribe(TICKS)
  await until(() => ticks.listeners === 1)
  ticks.push('1')
  await until(() => results.length === 1)
  for (const open of sockets.clients) open.terminate()
  ticks.push('2')
  ticks.push('3')
  await until(() => results.length === 3)
  expect(results).toEqual(['1', '2', '3'].map(eventOf))
})

test('with the platform behind it a gateway does not start so', async () => {
  const { sources } = readersAndBooks()
  await expect(startPlatformWorld({ subgraphs: sources, settings })).rejects.toMatchObject({
    code: 'SUBGRAPH_STREAMS_REFUSED',
  })
})
