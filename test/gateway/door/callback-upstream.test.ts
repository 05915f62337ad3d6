import { expect, test } from 'vitest'
import { openStandaloneGateway } from '#gateway/standalone.ts'
import { readConfig } from '#kernel/config.ts'
import { silentLog } from '../../kit/database.ts'
import { freePort } from '../../kit/free-port.ts'
import { startStandaloneWorld, until } from '../../kit/gateway.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

type Callback = { callbackUrl: string; subscriptionId: string; verifier: string }

const post = ({ callbackUrl, subscriptionId: id, verifier }: Callback, message: object) =>
  fetch(callbackUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'subscription', id, verifier, ...message }),
  })

/** The ticking subgraph as one that posts what happens. */
async function startPostingSubgraph() {
  const asked: Callback[] = []
  const server = await startHttpServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { extensions } = JSON.parse(text) as { extensions: { subscription: Callback } }
    await post(extensions.subscription, { action: 'check' })
    asked.push(extensions.subscription)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":null}')
  })
  const rewrite = (sdl: string) =>
    sdl.replace(/(READERS @join__graph\(name: "readers", url: ")[^"]+/, `$1${server.url}/graphql`)
  return { ...server, asked, rewrite }
}

test('a gateway alone is told of events by posts, and completes them from the other subgraphs', async () => {
  await using upstream = await startPostingSubgraph()
  const port = await freePort()
  await using world = await startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    rewrite: upstream.rewrite,
    settings: {
      subgraph: { streams: { readers: 'callback' }, callbackUrl: `http://127.0.0.1:${port}` },
    },
  })
  // The address that subgraphs are told is that of a door before the gateway.
  await using _door = await startHttpServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const passed = await fetch(`${world.url}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body: Buffer.concat(chunks),
    })
    response.writeHead(passed.status).end()
  }, port)
  using socket = openSocketClient(world.websocket)
  const { results, stop } = socket.subscribe('subscription { ticks { id books } }')
  await until(() => upstream.asked.length === 1)
  const [callback] = upstream.asked as [Callback]
  const payload = { data: { ticks: { __typename: 'Reader', id: '7' } } }
  expect((await post(callback, { action: 'next', payload })).status).toBe(204)
  await until(() => results.length === 1)
  expect(results).toEqual([{ data: { ticks: { id: '7', books: ['book of 7'] } } }])
  stop()
  await expect.poll(async () => (await post(callback, { action: 'check' })).status).toBe(404)
})

test('a path of callbacks is none where nobody is called back', async () => {
  await using world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
  const response = await fetch(`${world.url}/callback/x`, { method: 'POST' })
  expect(response.status).toBe(404)
  expect(await response.text()).toContain('PATH_UNKNOWN')
})

test('workers that share a port are not called back', async () => {
  const config = readConfig({
    ...{ GATEWAY_WORKERS: '2', GATEWAY_SUPERGRAPH: 'any.graphql' },
    ...{ GATEWAY_SUBGRAPH_STREAMS: 'readers=callback' },
    GATEWAY_CALLBACK_URL: 'http://127.0.0.1:4000',
  })
  await expect(openStandaloneGateway(config, 'any.graphql', silentLog)).rejects.toMatchObject({
    code: 'SUBGRAPH_STREAMS_REFUSED',
  })
})
