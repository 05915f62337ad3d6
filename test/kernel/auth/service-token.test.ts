import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { deriveServiceKeys, masterSecretOf } from '#kernel/auth/service-keys.ts'
import {
  createServiceTokenVerifier,
  MAX_SERVICE_TOKEN_CHARACTERS,
  mintServiceToken,
  SERVICE_TOKEN_LIFETIME_SECONDS,
  type ServiceTokenInput,
} from '#kernel/auth/service-token.ts'
import { anonymousViewer, serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { hmacSha256 } from '#kernel/crypto/keyed-hash.ts'
import { isDomainError } from '#kernel/errors.ts'
import { createSeededRandomness } from '#kernel/ids.ts'

const START = new Date('2026-03-01T12:00:00.000Z')
const BODY = '{"query":"{ me { id } }"}'

const viewer: Viewer = {
  kind: 'user',
  userId: '42',
  sessionId: 'session-1',
  keyId: null,
  reach: { kind: 'guild', tenantId: '7', guildId: '1106301184012451840' },
  scopes: ['fixtures:read', 'odds:read'],
  serviceName: null,
  requestId: 'request-1',
  client: { ip: '203.0.113.7', userAgent: 'Browser/1.0' },
}

function createWorld(options: { capacity?: number } = {}) {
  const clock = createManualClock(START)
  const keys = deriveServiceKeys(Buffer.alloc(32, 1))
  const randomness = createSeededRandomness('service tokens')
  const input: ServiceTokenInput = { caller: 'gateway', callee: 'identity', body: BODY, viewer }
  const mint = (change: Partial<ServiceTokenInput> = {}) =>
    mintServiceToken({ keys, clock, randomness }, { ...input, ...change })
  const replayWindow = createReplayWindow({ clock, ...options })
  const verifier = (callee = 'identity') =>
    createServiceTokenVerifier({ keys, clock, callee, replayWindow })
  /** A token over any claims, rightly signed: what a caller gone wrong could send. */
  const forge = (claims: object, pair: readonly [string, string] = ['gateway', 'identity']) => {
    const signed = `dst1.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
    return `${signed}.${hmacSha256(keys.between(...pair), signed)}`
  }
  return { clock, keys, mint, verifier, forge, replayWindow }
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (failure) {
    if (isDomainError(failure)) return failure.code
    throw failure
  }
  return 'accepted'
}

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('a token for exactly one caller, callee and body', () => {
  test('is accepted once and tells caller and viewer', () => {
    const { mint, verifier } = createWorld()
    expect(verifier().verify(mint(), BODY)).toEqual({ caller: 'gateway', viewer })
  })

  test('is the same for text and for its bytes', () => {
    const { mint, verifier } = createWorld()
    expect(codeOf(() => verifier().verify(mint(), Buffer.from(BODY)))).toBe('accepted')
    const bytesToken = mint({ body: Buffer.from(BODY) })
    expect(codeOf(() => verifier().verify(bytesToken, BODY))).toBe('accepted')
  })

  test('carries viewers of every kind', () => {
    const { mint, verifier } = createWorld()
    const viewers: Viewer[] = [
      anonymousViewer('request-2'),
      serviceViewer({
        serviceName: 'gateway',
        reach: { kind: 'tenant', tenantId: '7' },
        scopes: ['odds:read'],
        requestId: 'request-3',
      }),
      { ...viewer, kind: 'key', sessionId: null, keyId: 'a1B2c3D4e5', reach: { kind: 'platform' } },
    ]
    for (const each of viewers) {
      expect(verifier().verify(mint({ viewer: each }), BODY).viewer).toEqual(each)
    }
  })

  test('is refused without a token', () => {
    const { verifier } = createWorld()
    expect(codeOf(() => verifier().verify(null, BODY))).toBe('SERVICE_TOKEN_MISSING')
    expect(codeOf(() => verifier().verify('', BODY))).toBe('SERVICE_TOKEN_MISSING')
  })

  test('is refused at another callee', () => {
    const { mint, verifier } = createWorld()
    const code = codeOf(() => verifier('tenancy').verify(mint(), BODY))
    expect(code).toBe('SERVICE_TOKEN_FOREIGN')
  })

  test('is refused at another callee even when its audience is rewritten', () => {
    const { mint, verifier, forge } = createWorld()
    const rewritten = forge({ ...claimsOf(mint()), aud: 'tenancy' }, ['gateway', 'identity'])
    expect(codeOf(() => verifier('tenancy').verify(rewritten, BODY))).toBe('SERVICE_TOKEN_INVALID')
  })

  test('is refused when it names a caller whose key did not sign it', () => {
    const { mint, verifier, forge } = createWorld()
    const asGateway = forge({ ...claimsOf(mint()), iss: 'gateway' }, ['ai', 'identity'])
    expect(codeOf(() => verifier().verify(asGateway, BODY))).toBe('SERVICE_TOKEN_INVALID')
  })

  test('is refused with another body, and still good for its own', () => {
    const { mint, verifier } = createWorld()
    const token = mint()
    expect(codeOf(() => verifier().verify(token, `${BODY} `))).toBe('SERVICE_TOKEN_BODY_MISMATCH')
    expect(codeOf(() => verifier().verify(token, BODY))).toBe('accepted')
  })

  test('is refused the second time', () => {
    const { mint, verifier } = createWorld()
    const identity = verifier()
    const token = mint()
    identity.verify(token, BODY)
    expect(codeOf(() => identity.verify(token, BODY))).toBe('SERVICE_TOKEN_REPLAYED')
  })

  test('is refused under another master secret', () => {
    const { mint, clock, replayWindow } = createWorld()
    const keys = deriveServiceKeys(Buffer.alloc(32, 2))
    const stranger = createServiceTokenVerifier({ keys, clock, callee: 'identity', replayWindow })
    expect(codeOf(() => stranger.verify(mint(), BODY))).toBe('SERVICE_TOKEN_INVALID')
  })
})

describe('time', () => {
  const LAST_MS = (SERVICE_TOKEN_LIFETIME_SECONDS + 5) * 1000 - 1

  test('a token is good for 30 s and 5 s of clock skew, and no longer', () => {
    const { mint, verifier, clock } = createWorld()
    const [first, second] = [mint(), mint()]
    clock.advance(LAST_MS)
    expect(codeOf(() => verifier().verify(first, BODY))).toBe('accepted')
    clock.advance(1)
    expect(codeOf(() => verifier().verify(second, BODY))).toBe('SERVICE_TOKEN_EXPIRED')
  })

  test('a replay is refused to the last moment in which the token would be good', () => {
    const { mint, verifier, clock } = createWorld()
    const token = mint()
    verifier().verify(token, BODY)
    clock.advance(LAST_MS)
    expect(codeOf(() => verifier().verify(token, BODY))).toBe('SERVICE_TOKEN_REPLAYED')
  })

  test('a caller whose clock is 5 s ahead is heard, 6 s ahead refused', () => {
    const { mint, verifier, clock } = createWorld()
    const [first, second] = [mint(), mint()]
    clock.advance(-5000)
    expect(codeOf(() => verifier().verify(first, BODY))).toBe('accepted')
    clock.advance(-1000)
    expect(codeOf(() => verifier().verify(second, BODY))).toBe('SERVICE_TOKEN_EARLY')
  })

  test('a token that claims a longer life is refused, though rightly signed', () => {
    const { mint, verifier, forge } = createWorld()
    const claims = claimsOf(mint())
    expect(codeOf(() => verifier().verify(forge(claims), BODY))).toBe('accepted')
    const longer = forge({ ...claimsOf(mint()), exp: claims.exp + 1 })
    expect(codeOf(() => verifier().verify(longer, BODY))).toBe('SERVICE_TOKEN_INVALID')
  })
})

describe('bounds', () => {
  test('the replay window forgets what has expired and nothing earlier', () => {
    const { mint, verifier, clock, replayWindow } = createWorld()
    const identity = verifier()
    for (let count = 0; count < 50; count++) identity.verify(mint(), BODY)
    expect(replayWindow.size).toBe(50)
    clock.advance(35_000)
    identity.verify(mint(), BODY)
    expect(replayWindow.size).toBe(1)
  })

  test('a full window refuses rather than forget', () => {
    const { mint, verifier } = createWorld({ capacity: 2 })
    const identity = verifier()
    const first = mint()
    identity.verify(first, BODY)
    identity.verify(mint(), BODY)
    expect(codeOf(() => identity.verify(mint(), BODY))).toBe('SERVICE_TOKEN_WINDOW_FULL')
    expect(codeOf(() => identity.verify(first, BODY))).toBe('SERVICE_TOKEN_REPLAYED')
  })

  test('only authentic tokens are remembered', () => {
    const { mint, verifier, replayWindow } = createWorld()
    codeOf(() => verifier().verify(`${mint().slice(0, -2)}AA`, BODY))
    codeOf(() => verifier().verify(mint(), 'another body'))
    expect(replayWindow.size).toBe(0)
  })

  test('every right that there is and the longest client fit', () => {
    const { mint, verifier } = createWorld()
    const ip = '2001:db8:1111:2222:3333:4444:5555:6666'
    // Quotes are escaped: the costliest of printable texts.
    const client = { ip, userAgent: '"'.repeat(256) }
    const requestId = 'r'.repeat(64)
    const widest: Viewer = { ...viewer, scopes: [...SCOPE_NAMES].sort(), client, requestId }
    const token = mint({ viewer: widest })
    expect(verifier().verify(token, BODY).viewer).toEqual(widest)
    expect(token.length).toBeLessThan(MAX_SERVICE_TOKEN_CHARACTERS / 2)
  })

  test('a viewer with more rights than fit is refused at minting', () => {
    const { mint } = createWorld()
    const scopes = Array.from(
      { length: 400 },
      (_, index) => `resource_${'x'.repeat(index % 9)}:read`,
    )
    expect(codeOf(() => mint({ viewer: { ...viewer, scopes } }))).toBe('SERVICE_TOKEN_TOO_LARGE')
  })

  test('text above 8 kB is refused unread', () => {
    const { verifier } = createWorld()
    const long = `dst1.${'A'.repeat(9000)}.${'A'.repeat(43)}`
    expect(codeOf(() => verifier().verify(long, BODY))).toBe('SERVICE_TOKEN_INVALID')
  })

  test('a short master secret and a strange service name are refused', () => {
    expect(codeOf(() => deriveServiceKeys(Buffer.alloc(31)))).toBe('SERVICE_SECRET_INVALID')
    const keys = deriveServiceKeys(Buffer.alloc(32))
    expect(codeOf(() => keys.between('gateway', 'identity>ai'))).toBe('SERVICE_NAME_INVALID')
  })

  test('the master secret is the configured one, else a subkey of the operator’s root', () => {
    const root = Buffer.alloc(32, 4)
    expect(masterSecretOf('configured', root).toString()).toBe('configured')
    expect(masterSecretOf(null, root)).toHaveLength(32)
    expect(masterSecretOf(null, root)).not.toEqual(root)
    expect(codeOf(() => masterSecretOf(null, null))).toBe('SERVICE_SECRET_INVALID')
  })

  test('every pair has a key of its own, in each direction', () => {
    const keys = deriveServiceKeys(Buffer.alloc(32, 3))
    const names = ['gateway', 'identity', 'tenancy', 'ai', 'compliance', 'analytics']
    const pairs = names.flatMap((caller) => names.map((callee) => keys.between(caller, callee)))
    expect(new Set(pairs.map((key) => key.export().toString('hex'))).size).toBe(36)
    expect(keys.between('ai', 'identity')).toBe(keys.between('ai', 'identity'))
  })
})

describe('mutations', () => {
  const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ é\n'
  const mutation = fc.record({
    kind: fc.constantFrom('replace', 'insert', 'delete', 'swap', 'truncate', 'append'),
    at: fc.nat(),
    character: fc.constantFrom(...CHARACTERS),
  })
  type Mutation = { kind: string; at: number; character: string }

  function mutate(token: string, { kind, at, character }: Mutation): string {
    const index = at % token.length
    const [before, here, after] = [
      token.slice(0, index),
      token.slice(index, index + 1),
      token.slice(index + 1),
    ]
    const mutants: Record<string, string> = {
      replace: before + character + after,
      insert: before + character + here + after,
      delete: before + after,
      swap: before + after.slice(0, 1) + here + after.slice(1),
      truncate: before,
      append: token + character,
    }
    return mutants[kind] ?? token
  }

  test('none of 10,000 mutated tokens is accepted, and the token itself is', () => {
    const { mint, verifier } = createWorld()
    const identity = verifier()
    const token = mint()
    const refusals = new Set<string>()
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const mutant = mutations.reduce(mutate, token)
        fc.pre(mutant !== token)
        const code = codeOf(() => identity.verify(mutant, BODY))
        refusals.add(code)
        return code !== 'accepted'
      }),
      { numRuns: 10_000, seed: 20_260_301 },
    )
    expect([...refusals].filter((code) => !code.startsWith('SERVICE_TOKEN_'))).toEqual([])
    expect(codeOf(() => identity.verify(token, BODY))).toBe('accepted')
  })

  test('every bit of the signature counts', () => {
    const { mint, verifier } = createWorld()
    const token = mint()
    const [format, claims, mac = ''] = token.split('.')
    const bytes = Buffer.from(mac, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const mutant = `${format}.${claims}.${flipped.toString('base64url')}`
      expect(codeOf(() => verifier().verify(mutant, BODY))).toBe('SERVICE_TOKEN_INVALID')
    }
  })

  test('another text for the same signature bytes is refused', () => {
    const { mint, verifier } = createWorld()
    const token = mint()
    const twins = [...CHARACTERS]
      .map((character) => token.slice(0, -1) + character)
      .filter((twin) => twin !== token)
    const codes = twins.map((twin) => codeOf(() => verifier().verify(twin, BODY)))
    expect(new Set(codes)).toEqual(new Set(['SERVICE_TOKEN_INVALID']))
  })

  test('claims of a wrong shape are refused, though rightly signed', () => {
    const { mint, verifier, forge } = createWorld()
    const good = claimsOf(mint())
    const wrong: object[] = [
      [],
      { ...good, extra: 1 },
      { ...good, viewer: undefined },
      { ...good, viewer: { ...viewer, kind: 'god' } },
      { ...good, viewer: { ...viewer, kind: 'toString' } },
      { ...good, iat: '1' },
      { ...good, exp: good.exp + 0.5 },
      { ...good, iat: good.exp },
      { ...good, jti: 'short' },
      { ...good, bh: null },
      { ...good, iss: 'Gate way' },
    ]
    for (const claims of wrong) {
      expect(codeOf(() => verifier().verify(forge(claims), BODY))).toBe('SERVICE_TOKEN_INVALID')
    }
  })

  test('a signed text that is no JSON is refused', () => {
    const { verifier, keys } = createWorld()
    const signed = `dst1.${Buffer.from('{"iss":').toString('base64url')}`
    const token = `${signed}.${hmacSha256(keys.between('gateway', 'identity'), signed)}`
    expect(codeOf(() => verifier().verify(token, BODY))).toBe('SERVICE_TOKEN_INVALID')
  })
})
