import { createClient } from 'graphql-ws'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { writeApiKey } from '#kernel/auth/api-key-format.ts'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import { createServiceTokenVerifier } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { networks } from '#kernel/config/parsers.ts'
import { type PlatformWorld, serviceKeysOfTests, startPlatformWorld } from '../../kit/gateway.ts'
import { openEventStream } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const LOOPBACK = networks.read('127.0.0.0/8, ::1') ?? []
const CLAIM = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7', 'user-agent': 'Planted/1.0' }

function startWorld(trustedProxies = LOOPBACK) {
  const { sources, ticks } = readersAndBooks()
  const world = startPlatformWorld({ subgraphs: sources, settings: { trustedProxies } })
  return { world, ticks }
}

/** The client of whoever asked last, as the subgraph was told it. */
function lastClient(world: PlatformWorld): Viewer['client'] {
  const request = world.subgraphs.readers?.seen.at(-1)
  const verifier = createServiceTokenVerifier({
    keys: serviceKeysOfTests,
    clock: systemClock,
    callee: 'readers',
    replayWindow: createReplayWindow({ clock: systemClock }),
  })
  const token = request?.headers.get('x-dbsbm-service-token') ?? null
  expect(request?.headers.get('x-forwarded-for')).toBeNull()
  return verifier.verify(token, request?.text ?? '').viewer.client
}

describe('subgraphs are told of the client', () => {
  test('what a trusted proxy saw', async () => {
    await using world = await startWorld().world
    await world.ask('{ me { id } }', { headers: CLAIM })
    expect(lastClient(world)).toEqual({ ip: '203.0.113.7', userAgent: 'Planted/1.0' })
  })

  test('the socket’s address where nobody is trusted, whatever the request claims', async () => {
    await using world = await startWorld([]).world
    await world.ask('{ me { id } }', { headers: CLAIM })
    expect(lastClient(world)).toEqual({ ip: '127.0.0.1', userAgent: 'Planted/1.0' })
  })

  test('each request’s own, although its token is remembered', async () => {
    await using world = await startWorld().world
    const token = await world.identity.mint()
    const seen = []
    for (const ip of ['203.0.113.7', '2001:db8::7']) {
      await world.ask('{ me { id } }', { token, headers: { 'x-forwarded-for': ip } })
      seen.push(lastClient(world)?.ip)
    }
    expect(seen).toEqual(['203.0.113.7', '2001:db8::7'])
  })

  test('nothing of a request that no socket carried', async () => {
    await using world = await startWorld().world
    const request = new Request(world.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...CLAIM },
      body: '{"query":"{ me { id } }"}',
    })
    expect((await world.gateway.fetch(request)).status).toBe(200)
    expect(lastClient(world)).toBeNull()
  })

  test('over event streams', async () => {
    const { world: opening, ticks } = startWorld()
    await using world = await opening
    await using _stream = await openEventStream(
      world.endpoint,
      { query: 'subscription { ticks { id } }' },
      CLAIM,
    )
    await expect.poll(() => ticks.listeners).toBe(1)
    expect(lastClient(world)).toEqual({ ip: '203.0.113.7', userAgent: 'Planted/1.0' })
  })

  test.each([
    ['as its proxy saw it', LOOPBACK, '203.0.113.7'],
    ['as its socket shows it where nobody is trusted', [], '127.0.0.1'],
  ])('over WebSockets, %s', async (_how, trusted, ip) => {
    const { world: opening, ticks } = startWorld([...trusted])
    await using world = await opening
    class ClaimingSocket extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: CLAIM })
      }
    }
    const client = createClient({ url: world.websocket, webSocketImpl: ClaimingSocket })
    const sink = { next: () => undefined, error: () => undefined, complete: () => undefined }
    const stop = client.subscribe({ query: 'subscription { ticks { id } }' }, sink)
    await expect.poll(() => ticks.listeners).toBe(1)
    expect(lastClient(world)).toEqual({ ip, userAgent: 'Planted/1.0' })
    stop()
    await client.dispose()
  })
})

test('identity is asked about a key with the address that the proxy saw', async () => {
  await using world = await startWorld().world
  const key = writeApiKey({ publicId: 'client0000', secret: 's'.repeat(32) })
  await world.ask('{ me { id } }', { token: key, headers: CLAIM })
  expect(world.identity.introspected).toEqual([{ key, ip: '203.0.113.7' }])
})
