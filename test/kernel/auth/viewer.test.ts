import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anonymousViewer, isReach, isViewer, serviceViewer } from '#kernel/auth/viewer.ts'

const user = {
  kind: 'user',
  userId: '42',
  sessionId: 's1',
  keyId: null,
  reach: { kind: 'tenant', tenantId: '7' },
  scopes: ['odds:read'],
  serviceName: null,
  requestId: 'r1',
  client: { ip: '203.0.113.7', userAgent: 'Browser/1.0' },
}
const key = { ...user, kind: 'key', sessionId: null, keyId: 'a1B2c3D4e5' }
const service = serviceViewer({
  serviceName: 'tenancy',
  reach: { kind: 'platform' },
  scopes: ['guilds:read'],
  requestId: 'r2',
})

test('a viewer of each kind is taken, with a client and without', () => {
  const nowhere = { ...user, client: null }
  const anonymous = anonymousViewer('r0', user.client)
  const viewers = [anonymousViewer('r0'), anonymous, user, nowhere, key, service]
  expect(viewers.filter((viewer) => !isViewer(viewer))).toEqual([])
})

describe('a viewer is refused', () => {
  const refused: Record<string, unknown> = {
    'that is nothing': null,
    'that is a list': [user],
    'of an unknown kind': { ...user, kind: 'admin' },
    "of a kind that is only an object's habit": { ...user, kind: 'constructor' },
    'with one field more': { ...user, isAdmin: true },
    'with one field less': Object.fromEntries(Object.entries(user).slice(1)),
    'with a user id that is no id': { ...user, userId: '0' },
    'with a numeric user id': { ...user, userId: 42 },
    'that is a user without user id': { ...user, userId: null },
    'that is a user and a key': { ...user, keyId: 'a1' },
    'that is a key without key id': { ...key, keyId: null },
    'that is a key within a session': { ...key, sessionId: 's1' },
    'that is a service without name': { ...service, serviceName: null },
    'that is a service of a strange name': { ...service, serviceName: '../identity' },
    'that is anonymous and has scopes': { ...anonymousViewer('r'), scopes: ['odds:read'] },
    'that is anonymous and has reach': { ...anonymousViewer('r'), reach: { kind: 'platform' } },
    'that is anonymous and a user': { ...anonymousViewer('r'), userId: '1' },
    'with a wildcard scope': { ...user, scopes: ['*:*'] },
    'with scopes in one text': { ...user, scopes: 'odds:read' },
    'with 257 scopes': { ...user, scopes: Array(257).fill('odds:read') },
    'with a request id of two lines': { ...user, requestId: 'a\nb' },
    'with a client that is a text': { ...user, client: '203.0.113.7' },
    'with a client from no address': { ...user, client: { ip: 'x', userAgent: null } },
    'that is a service with a client': { ...service, client: user.client },
    'with a long session id': { ...user, sessionId: 's'.repeat(65) },
    'with an unknown reach': { ...user, reach: { kind: 'galaxy' } },
  }
  test.each(Object.entries(refused))('%s', (_sentence, value) => {
    expect(isViewer(value)).toBe(false)
  })
})

test('a reach has exactly the ids of its kind', () => {
  expect(isReach({ kind: 'none' })).toBe(true)
  expect(isReach({ kind: 'guild', tenantId: '1', guildId: '2' })).toBe(true)
  expect(isReach({ kind: 'platform', tenantId: '1' })).toBe(false)
  expect(isReach({ kind: 'tenant' })).toBe(false)
  expect(isReach({ kind: 'tenant', tenantId: '1', guildId: '2' })).toBe(false)
  expect(isReach({ kind: 'guild', tenantId: '1' })).toBe(false)
  expect(isReach({ kind: 'guild', tenantId: '1', guildId: '-2' })).toBe(false)
})

test('no outside value makes the check throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(isViewer(value)).toBe(false)
    }),
  )
})
