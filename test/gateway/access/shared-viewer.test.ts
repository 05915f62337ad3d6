import { describe, expect, test } from 'vitest'
import type { Sharing } from '#gateway/access/scope-rules.ts'
import { sharedAsker } from '#gateway/access/shared-viewer.ts'
import { anonymousViewer, isViewer, type Reach, type Viewer } from '#kernel/auth/viewer.ts'

const user = (userId: string, more: Partial<Viewer> = {}): Viewer => ({
  ...anonymousViewer(`request-${userId}`, { ip: '192.0.2.7', userAgent: null }),
  kind: 'user',
  userId,
  sessionId: `session-${userId}`,
  scopes: ['odds:read', 'users:read'],
  ...more,
})
const tenant = (tenantId: string): Reach => ({ kind: 'tenant', tenantId })
const guild = (tenantId: string, guildId: string): Reach => ({ kind: 'guild', tenantId, guildId })
const by = (sharing: Sharing, ...scopes: string[]) => ({ sharing, scopes: new Set(scopes) })
const keyOf = (sharing: Sharing, viewer: Viewer) =>
  sharedAsker(by(sharing, 'odds:read'), viewer).key

describe('who asks for many', () => {
  test('is a service that names nobody and holds the named scopes of its asker alone', () => {
    const { viewer, isShared } = sharedAsker(by('everyone', 'odds:read', 'never:held'), user('1'))
    expect(isShared).toBe(true)
    expect(isViewer(viewer)).toBe(true)
    expect(viewer).toEqual({
      ...{ kind: 'service', serviceName: 'gateway', scopes: ['odds:read'] },
      ...{ userId: null, sessionId: null, keyId: null, client: null },
      ...{ reach: { kind: 'none' }, requestId: 'request-1' },
    })
    expect(JSON.stringify(viewer)).not.toMatch(/users:read|session-1|192\.0\.2\.7/)
  })

  test('stands within a tenant where its asker stands', () => {
    const asker = user('1', { reach: guild('7', '9') })
    expect(sharedAsker(by('tenant'), asker).viewer.reach).toEqual(guild('7', '9'))
    expect(sharedAsker(by('everyone'), asker).viewer.reach).toEqual({ kind: 'none' })
  })

  test('is the asker where the answer depends on them', () => {
    const asker = user('1')
    expect(sharedAsker(by('viewer'), asker)).toMatchObject({ viewer: asker, isShared: false })
  })
})

describe('who may share', () => {
  test('with everyone: all who hold the same of the named scopes', () => {
    const other = user('2', { reach: tenant('7'), scopes: ['bets:read', 'odds:read'] })
    expect(keyOf('everyone', user('1'))).toBe(keyOf('everyone', other))
    expect(keyOf('everyone', user('1'))).not.toBe(keyOf('everyone', user('2', { scopes: [] })))
  })

  test('within a tenant: all of one reach', () => {
    const one = keyOf('tenant', user('1', { reach: tenant('7') }))
    expect(one).toBe(keyOf('tenant', user('2', { reach: tenant('7') })))
    const others = [tenant('8'), guild('7', '9'), { kind: 'platform' }, { kind: 'none' }] as Reach[]
    for (const reach of others) expect(keyOf('tenant', user('2', { reach }))).not.toBe(one)
  })

  test('what depends on the viewer: nobody, not with themselves either', () => {
    const asker = user('1')
    expect(keyOf('viewer', asker)).toBe(keyOf('viewer', asker))
    expect(keyOf('viewer', asker)).not.toBe(keyOf('viewer', user('2')))
    // Clients may choose the names of their requests.
    expect(keyOf('viewer', asker)).not.toBe(keyOf('viewer', user('1')))
    const nobody = (requestId: string) => anonymousViewer(requestId)
    expect(keyOf('viewer', nobody('1'))).not.toBe(keyOf('viewer', nobody('1')))
    expect(keyOf('everyone', nobody('1'))).toBe(keyOf('everyone', nobody('2')))
  })

  test('no key of one kind is one of another', () => {
    const viewer = user('1', { reach: tenant('7') })
    const keys = (['everyone', 'tenant', 'viewer'] as const).map((kind) => keyOf(kind, viewer))
    expect(new Set(keys).size).toBe(3)
  })
})
