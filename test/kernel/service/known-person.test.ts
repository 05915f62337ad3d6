import { expect, test } from 'vitest'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { createServiceTokenVerifier, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import type { Reach, Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { serviceError } from '#kernel/service/errors.ts'
import { isKnownAt } from '#kernel/service/known-person.ts'
import { createServiceClient } from '#kernel/service/service-client.ts'
import { silentLog } from '../../kit/database.ts'

const TENANT = { tenantId: '7', guildId: null }
const GUILD = { tenantId: '7', guildId: '71' }
const ofTenant: Reach = { kind: 'tenant', tenantId: '7' }
const ofGuild: Reach = { kind: 'guild', ...GUILD }
const unanswered = (cause: unknown) =>
  serviceError('SERVICE_UNREACHABLE', { service: 'the keeper of persons' }, { cause })

const viewerAt = (reach: Reach): Viewer => ({
  ...{ kind: 'user', userId: '42', sessionId: 's1', keyId: null, serviceName: null },
  ...{ reach, scopes: ['users:read'], requestId: 'request-1', client: null },
})

/** An identity that checks tokens as every subgraph does, and answers the same to whoever asks. */
function createWorld(answer: () => Response, isInTransaction = false) {
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  const keys = deriveServiceKeys(Buffer.alloc(32, 5))
  const replayWindow = createReplayWindow({ clock })
  const verifier = createServiceTokenVerifier({ keys, clock, callee: 'identity', replayWindow })
  const askers: Viewer[] = []
  const services = createServiceClient({
    ...{ caller: 'compliance', keys, clock, timeoutMs: 5000, patienceMs: 50, retryDelayMs: 1 },
    log: silentLog,
    randomness: createSeededRandomness('known person'),
    isInTransaction: () => isInTransaction,
    resolve: () => ({
      url: 'http://identity.test',
      fetch: async (request) => {
        const token = request.headers.get(SERVICE_TOKEN_HEADER)
        askers.push(verifier.verify(token, await request.text()).viewer)
        return answer()
      },
    }),
  })
  const knows = (reach: Reach, place: { tenantId: string; guildId: string | null }, id = '9') =>
    isKnownAt({ services, viewer: viewerAt(reach) }, { userId: id, place }, unanswered)
  return { knows, askers }
}

const known = (places: object) => () => Response.json({ data: { user: places } })
const refused = (status: number, code: string) => () =>
  Response.json({ errors: [{ extensions: { code } }] }, { status })

test('identity is asked with the rights of whoever asks, within the place alone', async () => {
  for (const reach of [{ kind: 'platform' }, ofTenant] as const) {
    const { knows, askers } = createWorld(known({ tenantIds: ['7'], guildIds: ['71'] }))
    expect(await knows(reach, TENANT)).toBe(true)
    expect(await knows(reach, GUILD)).toBe(true)
    expect(askers).toEqual([viewerAt(ofTenant), viewerAt(ofGuild)])
  }
})

test('whom identity shows elsewhere, or not at all, is not known in the place', async () => {
  const elsewhere = createWorld(known({ tenantIds: ['8'], guildIds: ['81'] }))
  expect(await elsewhere.knows(ofTenant, TENANT)).toBe(false)
  expect(await elsewhere.knows(ofTenant, GUILD)).toBe(false)
  const nobody = createWorld(() => Response.json({ data: { user: null } }))
  expect(await nobody.knows(ofTenant, TENANT)).toBe(false)
})

test('nobody is known to a viewer where the viewer’s rights do not lie, and nobody is asked', async () => {
  const { knows, askers } = createWorld(known({ tenantIds: ['7'], guildIds: ['71'] }))
  const other: Reach = { kind: 'tenant', tenantId: '8' }
  expect(await knows({ kind: 'none' }, TENANT)).toBe(false)
  expect(await knows(other, TENANT)).toBe(false)
  expect(await knows(ofGuild, TENANT)).toBe(false)
  expect(await knows({ kind: 'guild', tenantId: '7', guildId: '72' }, GUILD)).toBe(false)
  expect(askers).toEqual([])
})

test('of themselves a viewer is known without a question', async () => {
  const { knows, askers } = createWorld(refused(500, 'DATABASE_BUSY'))
  expect(await knows(ofTenant, TENANT, '42')).toBe(true)
  expect(askers).toEqual([])
})

test('no answer is told in the asker’s words', async () => {
  const failing = [
    () => {
      throw new TypeError('fetch failed')
    },
    () => Response.json({}, { status: 500 }),
    refused(503, 'SERVICE_DRAINING'),
    refused(503, 'SERVICE_TOKEN_WINDOW_FULL'),
    refused(200, 'SERVICE_TIMEOUT'),
  ]
  for (const answer of failing) {
    const asked = createWorld(answer).knows(ofTenant, TENANT)
    await expect(asked).rejects.toMatchObject({
      extensions: { code: 'SERVICE_UNREACHABLE', service: 'the keeper of persons' },
    })
  }
})

test('a refusal, an answer that is none and a call inside a transaction keep their own codes', async () => {
  for (const [answer, code, isInTransaction] of [
    [refused(200, 'DATABASE_BUSY'), 'DATABASE_BUSY', false],
    [refused(403, 'SERVICE_CALLER_REFUSED'), 'SERVICE_CALLER_REFUSED', false],
    [known({ tenantIds: 'all of them' }), 'SERVICE_ANSWER_INVALID', false],
    [() => Response.json({}), 'SERVICE_ANSWER_INVALID', false],
    [known({ tenantIds: ['7'] }), 'SERVICE_CALL_IN_TRANSACTION', true],
  ] as const) {
    const asked = createWorld(answer, isInTransaction).knows(ofTenant, TENANT)
    await expect(asked).rejects.toMatchObject({ code })
  }
})
