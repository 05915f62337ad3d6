import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeApiKey } from '#kernel/auth/api-key-format.ts'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import { createServiceTokenVerifier } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import {
  type Answer,
  type PlatformWorld,
  serviceKeysOfTests,
  startPlatformWorld,
  startStandaloneWorld,
  until,
} from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

let world: PlatformWorld

beforeAll(async () => {
  world = await startPlatformWorld({
    subgraphs: readersAndBooks().sources,
    settings: { who: { jwksCooldownMs: 0, keyMemoryMs: 200 } },
  })
  await until(() => world.identity.asked.get('/revocations') === 1)
})
afterAll(() => world[Symbol.asyncDispose]())

const codeOf = ({ body }: Answer) => body.errors?.[0]?.extensions.code
const ask = (token: string) => world.ask('{ me { id } secret mine }', { token })

describe('an access token', () => {
  test('lets its holder see what its scopes allow', async () => {
    const { status, body } = await ask(await world.identity.mint())
    expect([status, body]).toEqual([
      200,
      { data: { me: { id: '1' }, secret: 'hidden', mine: 'own' } },
    ])
  })

  test('without the scope is refused the field, not the rest', async () => {
    const answer = await ask(await world.identity.mint({ claims: { scope: '' } }))
    expect(answer.body.data).toEqual({ me: { id: '1' }, secret: null, mine: 'own' })
    expect(codeOf(answer)).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  })

  test('is carried to a subgraph as a token for that subgraph and that body alone', async () => {
    await world.ask('{ me { books } }', { token: await world.identity.mint() })
    const request = world.subgraphs.readers?.seen.at(-1)
    const token = request?.headers.get('x-dbsbm-service-token') ?? null
    const verifierOf = (callee: string) =>
      createServiceTokenVerifier({
        keys: serviceKeysOfTests,
        clock: systemClock,
        callee,
        replayWindow: createReplayWindow({ clock: systemClock }),
      })
    const body = request?.text ?? ''
    const { caller, viewer } = verifierOf('readers').verify(token, body)
    expect([caller, viewer.userId, viewer.scopes]).toEqual(['gateway', '42', ['users:read']])
    expect(() => verifierOf('books').verify(token, body)).toThrow(/another/i)
    expect(() => verifierOf('readers').verify(token, `${body} `)).toThrow()
    expect(request?.headers.get('authorization')).toBeNull()
  })

  test.each([
    ['forged', { isForged: true }, 'TOKEN_INVALID'],
    ['expired', { livesSeconds: -60 }, 'TOKEN_EXPIRED'],
    ['for another audience', { claims: { aud: 'elsewhere' } }, 'TOKEN_INVALID'],
    ['of another issuer', { claims: { iss: 'stranger' } }, 'TOKEN_INVALID'],
    ['of another type', { header: { typ: 'JWT' } }, 'TOKEN_INVALID'],
    ['signed with an unknown key', { header: { kid: 'unknown' } }, 'TOKEN_INVALID'],
    ['without a session', { claims: { sid: undefined } }, 'TOKEN_INVALID'],
    ['for no user that can exist', { claims: { sub: 'root' } }, 'TOKEN_INVALID'],
    ['with a reach that does not exist', { claims: { reach: 'galaxy' } }, 'TOKEN_INVALID'],
    ['with scopes that are none', { claims: { scope: '*:* <b>' } }, 'TOKEN_INVALID'],
  ] as const)('that is %s is refused', async (_what, overrides, code) => {
    const answer = await ask(await world.identity.mint(overrides))
    expect([answer.status, codeOf(answer)]).toEqual([401, code])
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token')
    expect(answer.body.data).toBeUndefined()
  })

  test.each(['garbage', 'a.b', 'a.b.c', `${'x'.repeat(9000)}`])(
    'that is no token at all is refused: %.12s',
    async (token) => {
      const answer = await ask(token)
      expect([answer.status, codeOf(answer)]).toEqual([401, 'TOKEN_INVALID'])
    },
  )

  test('without a signature (alg none) is refused', async () => {
    const [, payload] = (await world.identity.mint()).split('.')
    const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    expect(codeOf(await ask(`${header}.${payload}.AAAA`))).toBe('TOKEN_INVALID')
  })

  test('of a revoked session is refused from then on, others are not', async () => {
    const token = await world.identity.mint({ claims: { sid: 'session-1' } })
    expect((await ask(token)).status).toBe(200)
    world.identity.revoke({ kind: 'session', id: 'session-1' })
    await expect.poll(async () => codeOf(await ask(token)), { timeout: 1000 }).toBe('TOKEN_REVOKED')
    expect((await ask(await world.identity.mint())).status).toBe(200)
  })

  test('of a user whose tokens were revoked is refused, one issued later is not', async () => {
    const old = await world.identity.mint({ claims: { sub: '77' } })
    world.identity.revoke({ kind: 'user', id: '77' })
    await expect.poll(async () => codeOf(await ask(old)), { timeout: 1000 }).toBe('TOKEN_REVOKED')
    const fresh = await world.identity.mint({ claims: { sub: '77' } })
    expect((await ask(fresh)).status).toBe(200)
  })

  test('revoked while the feed was cut is refused once the feed is back', async () => {
    const token = await world.identity.mint({ claims: { sid: 'session-2' } })
    expect((await ask(token)).status).toBe(200)
    world.identity.cutFeed()
    world.identity.revoke({ kind: 'session', id: 'session-2' })
    await expect.poll(async () => codeOf(await ask(token)), { timeout: 3000 }).toBe('TOKEN_REVOKED')
  })

  test('signed with a key published since is known after one look', async () => {
    await world.identity.rotate()
    expect((await ask(await world.identity.mint())).status).toBe(200)
  })

  test('is refused where nobody can check it', async () => {
    await using alone = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
    const answer = await alone.ask('{ me { id } }', { token: await world.identity.mint() })
    expect([answer.status, codeOf(answer)]).toEqual([401, 'TOKEN_INVALID'])
  })
})

const keyOf = (id: string) => writeApiKey({ publicId: id.padEnd(10, '0'), secret: 's'.repeat(32) })

describe('an API key', () => {
  const viewer: Viewer = {
    kind: 'key',
    userId: '42',
    sessionId: null,
    keyId: 'key-1',
    reach: { kind: 'none' },
    scopes: ['users:read'],
    serviceName: null,
    requestId: 'introspection',
    client: null,
  }

  test('that identity knows lets its holder in, and identity is asked once for a while', async () => {
    const key = keyOf('known')
    world.identity.keys.set(key, { viewer, expiresAt: null })
    const before = world.identity.asked.get('/introspect-key') ?? 0
    const answers = await Promise.all([ask(key), ask(key), ask(key)])
    expect(answers.map(({ body }) => body.data?.secret)).toEqual(['hidden', 'hidden', 'hidden'])
    expect(world.identity.asked.get('/introspect-key')).toBe(before + 1)
  })

  test('with a wrong checksum is refused without asking identity', async () => {
    const before = world.identity.asked.get('/introspect-key') ?? 0
    const wrong = `${keyOf('typo').slice(0, -1)}!`
    const swapped = keyOf('known').replace('sss', 'sst')
    for (const key of [wrong, swapped, 'dsk_test_short']) {
      const answer = await ask(key)
      expect([answer.status, codeOf(answer)]).toEqual([401, 'API_KEY_INVALID'])
    }
    expect(world.identity.asked.get('/introspect-key') ?? 0).toBe(before)
  })

  test('that identity does not know, or that has ended, is refused', async () => {
    expect(codeOf(await ask(keyOf('nobody')))).toBe('API_KEY_INVALID')
    const ended = keyOf('ended')
    world.identity.keys.set(ended, { viewer, expiresAt: '2020-01-01T00:00:00.000Z' })
    expect(codeOf(await ask(ended))).toBe('API_KEY_INVALID')
  })

  test('that is revoked is refused at once', async () => {
    const key = keyOf('revoked')
    world.identity.keys.set(key, { viewer: { ...viewer, keyId: 'key-2' }, expiresAt: null })
    expect((await ask(key)).status).toBe(200)
    world.identity.revoke({ kind: 'key', id: 'key-2' })
    await expect.poll(async () => codeOf(await ask(key)), { timeout: 1000 }).toBe('API_KEY_INVALID')
  })
})

describe('identity', () => {
  test('that cannot be reached is said, not guessed, and degrades the gateway', async () => {
    await using lost = await startPlatformWorld({ subgraphs: readersAndBooks().sources })
    const look = async () => (await fetch(`${lost.url}/ready`)).json()
    await expect.poll(look).toMatchObject({ status: 'ready' })
    const token = await lost.identity.mint()
    await lost.identity.server.close()
    const answer = await lost.ask('{ me { id } }', { token: keyOf('unknown') })
    expect([answer.status, codeOf(answer)]).toEqual([503, 'IDENTITY_UNREACHABLE'])
    // The public keys were read at the start: whoever has a token goes on.
    expect((await lost.ask('{ me { id } }', { token })).status).toBe(200)
    await expect.poll(look).toMatchObject({ status: 'degraded', checks: { revocations: false } })
    expect((await fetch(`${lost.url}/ready`)).status).toBe(200)
    expect((await fetch(`${lost.url}/health`)).status).toBe(200)
    expect((await lost.ask('{ me { id } }')).status).toBe(200)
  })
})
