import { describe, expect, test } from 'vitest'
import { writeApiKey } from '#kernel/auth/api-key-format.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Answer, type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { openEventStream } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const KEY = writeApiKey({ publicId: 'clocks0000', secret: 's'.repeat(32) })
const OWNER = '42'
const viewer: Viewer = {
  ...{ kind: 'key', userId: OWNER, sessionId: null, keyId: 'key-1', reach: { kind: 'none' } },
  ...{ scopes: [], serviceName: null, requestId: 'introspection', client: null },
}

/** A gateway whose clock is ahead of identity's by so many minutes; identity's is this machine's. */
async function openWorld(minutes: number) {
  const { sources, ticks } = readersAndBooks()
  const clock = { now: () => new Date(systemClock.now().getTime() + minutes * 60_000) }
  const world = await startPlatformWorld({
    subgraphs: sources,
    settings: { who: { keyMemoryMs: 200 } },
    options: { clock },
  })
  world.identity.keys.set(KEY, { viewer, expiresAt: null })
  return { ...world, ticks }
}

const codeOf = ({ body }: Answer) => body.errors?.[0]?.extensions.code
const isReady = async (world: PlatformWorld) => (await fetch(`${world.url}/ready`)).ok

describe.each([
  ['ahead', 2],
  ['behind', -2],
])('a gateway whose clock is two minutes %s', (_where, minutes) => {
  test('lets a token live so much shorter or longer, and misses no revocation', async () => {
    await using world = await openWorld(minutes)
    const mint = (livesSeconds: number, sid = 'session-1') =>
      world.identity.mint({ livesSeconds, claims: { sid } })
    const ask = (token: string) => world.ask('{ me { id } }', { token })
    const end = minutes * 60
    expect((await ask(await mint(end + 30))).status).toBe(200)
    expect(codeOf(await ask(await mint(end - 30)))).toBe('TOKEN_EXPIRED')
    const token = await mint(300)
    expect((await ask(token)).status).toBe(200)
    // As old as a revocation may be whose token this gateway may still hold for good.
    const at = new Date(systemClock.now().getTime() - 200_000).toISOString()
    world.identity.revoke({ kind: 'session', id: 'session-1', at })
    await expect.poll(async () => codeOf(await ask(token)), { timeout: 5000 }).toBe('TOKEN_REVOKED')
    expect((await ask(await mint(300, 'session-2'))).status).toBe(200)
  })

  test('ends what a key runs when its owner is revoked, and no key that was asked of since', async () => {
    await using world = await openWorld(minutes)
    await expect.poll(() => isReady(world), { timeout: 5000 }).toBe(true)
    const headers = { authorization: `Bearer ${KEY}` }
    const query = 'subscription { ticks { name } }'
    await using stream = await openEventStream(world.endpoint, { query }, headers)
    await until(() => world.ticks.listeners === 1)
    world.identity.revoke({ kind: 'user', id: OWNER })
    await stream.ended
    expect(JSON.stringify(stream.events)).toContain('TOKEN_REVOKED')
    const again = async () => (await world.ask('{ me { id } }', { token: KEY })).status
    await expect.poll(again, { timeout: 10_000 }).toBe(200)
  })
})
