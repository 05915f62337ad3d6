import { describe, expect, test } from 'vitest'
import { parseApiKey } from '#kernel/auth/api-key-format.ts'
import { isViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { ApiKey } from '#subgraphs/identity/entities/api-key.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_ANALYST,
  GLOBEX_ADMIN,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const CREATE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { text apiKey { id prefix scopes tenantId lastUsedAt } }
}`
const ROTATE = `mutation ($input: ApiKeyIdInput!) { rotateApiKeySecret(input: $input) { text apiKey { id } } }`
const REVOKE = `mutation ($input: ApiKeyIdInput!) { revokeApiKey(input: $input) { id revokedAt } }`

type Issued = { text: string; apiKey: { id: string; prefix: string; scopes: string[] } }

async function issue(world: World, viewer: Viewer, input: Record<string, unknown> = {}) {
  const { data, errors } = await world.execute(viewer, CREATE, {
    input: { name: 'bot', scopes: ['odds:read', 'guilds:read'], ...input },
  })
  return { issued: data.createApiKey as Issued, code: errors?.[0]?.extensions.code }
}

async function introspect(world: World, key: string) {
  const answer = await world.send({
    path: '/introspect-key',
    body: JSON.stringify({ key, ip: null }),
  })
  const body = (await answer.json()) as {
    viewer?: Viewer
    expiresAt?: string | null
    code?: string
  }
  return { status: answer.status, ...body }
}

describe('API keys', () => {
  test('a key stands for its owner, in his tenant, with the scopes it was given', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { issued } = await issue(world, admin)
    expect(parseApiKey(issued.text)).not.toBeNull()
    const { status, viewer, expiresAt } = await introspect(world, issued.text)
    expect({ status, expiresAt, isViewer: isViewer(viewer) }).toEqual({
      status: 200,
      expiresAt: null,
      isViewer: true,
    })
    expect(viewer).toMatchObject({
      kind: 'key',
      userId: admin.userId,
      keyId: issued.apiKey.id,
      reach: { kind: 'tenant', tenantId: ACME },
      scopes: ['guilds:read', 'odds:read'],
    })
  })

  test('a wrong checksum is refused before anything is looked up', async () => {
    await using world = await openWorld()
    const { issued } = await issue(world, await world.as(ACME_ADMIN))
    const wrong = `${issued.text.slice(0, -1)}${issued.text.endsWith('0') ? '1' : '0'}`
    await world.service.database.close()
    for (const text of [wrong, 'dsk_live_short', '']) {
      expect(await introspect(world, text)).toMatchObject({ status: 401, code: 'KEY_MALFORMED' })
    }
  })

  test('another secret with a right checksum is refused, and told', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const first = (await issue(world, admin)).issued
    const second = (await issue(world, admin)).issued
    const { hash } = await import('node:crypto')
    const em = world.database.acrossTenants()
    const key = await em.findOneOrFail(ApiKey, { id: second.apiKey.id })
    key.secretHash = hash('sha256', 'something else', 'base64url')
    await em.flush()
    expect(await introspect(world, second.text)).toMatchObject({ status: 401, code: 'KEY_REFUSED' })
    expect((await introspect(world, first.text)).status).toBe(200)
    const told = await world.database
      .acrossTenants()
      .count(SecurityEvent, { eventType: 'api-key.refused' })
    expect(told).toBe(1)
  })

  test('scopes beyond one’s own, no name and a past expiry are refused', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    expect((await issue(world, admin, { scopes: ['tenants:write'] })).code).toBe('ROLE_ABOVE_OWN')
    expect((await issue(world, admin, { name: ' ' })).code).toBe('KEY_INVALID')
    expect((await issue(world, admin, { tenantId: '2' })).code).toBe('ROLE_PLACE_BEYOND_REACH')
    const expiresAt = world.clock.now().toISOString()
    expect((await issue(world, admin, { expiresAt })).code).toBe('EXPIRY_IN_PAST')
    const analyst = await world.as(ACME_ANALYST)
    expect((await issue(world, analyst)).code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  })

  test('a key does not issue keys', async () => {
    await using world = await openWorld()
    const { issued } = await issue(world, await world.as(ACME_ADMIN), { scopes: ['keys:write'] })
    const { viewer } = await introspect(world, issued.text)
    const { code } = await issue(world, viewer as Viewer, { scopes: ['keys:write'] })
    expect(code).toBe('KEY_NEEDS_PERSON')
  })

  test('a key expires, and loses what its owner loses', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const expiresAt = new Date(world.clock.now().getTime() + 60_000).toISOString()
    const { issued } = await issue(world, admin, { expiresAt })
    expect(await introspect(world, issued.text)).toMatchObject({ status: 200, expiresAt })
    const lasting = (await issue(world, admin)).issued
    const operator = await world.as(OPERATOR)
    const { data } = await world.execute(
      operator,
      `query ($id: ID!) { userRoles(where: { userId: { eq: $id } }) { edges { node { id } } } }`,
      { id: admin.userId },
    )
    const { edges } = data.userRoles as { edges: { node: { id: string } }[] }
    for (const { node } of edges) {
      await world.execute(
        operator,
        `mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { id } }`,
        {
          input: { userRoleId: node.id },
        },
      )
    }
    expect((await introspect(world, lasting.text)).viewer).toMatchObject({
      reach: { kind: 'none' },
      scopes: [],
    })
    world.clock.advance(60_001)
    expect(await introspect(world, issued.text)).toMatchObject({ status: 401, code: 'KEY_REFUSED' })
  })

  test('after a rotation both secrets work for a day, then the new one alone', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { issued } = await issue(world, admin)
    const input = { apiKeyId: issued.apiKey.id }
    const { data } = await world.execute(admin, ROTATE, { input })
    const rotated = (data.rotateApiKeySecret as Issued).text
    const statuses = async () => [
      (await introspect(world, issued.text)).status,
      (await introspect(world, rotated)).status,
    ]
    expect(await statuses()).toEqual([200, 200])
    world.clock.advance(86_400_001)
    expect(await statuses()).toEqual([401, 200])
    const stranger = await world.execute(await world.as(GLOBEX_ADMIN), ROTATE, { input })
    expect(stranger.errors?.[0]?.extensions.code).toBe('KEY_NOT_FOUND')
  })

  test('a revoked key is out, and another tenant cannot revoke it', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { issued } = await issue(world, admin)
    const input = { apiKeyId: issued.apiKey.id }
    const stranger = await world.execute(await world.as(GLOBEX_ADMIN), REVOKE, { input })
    expect(stranger.errors?.[0]?.extensions.code).toBe('KEY_NOT_FOUND')
    expect((await world.execute(admin, REVOKE, { input })).errors).toBeUndefined()
    expect(await introspect(world, issued.text)).toMatchObject({ status: 401, code: 'KEY_REFUSED' })
  })

  test('the last use is kept to the minute', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { issued } = await issue(world, admin)
    const start = world.clock.now().toISOString()
    const lastUse = async () => {
      await introspect(world, issued.text)
      const { data } = await world.execute(admin, `{ apiKeys { edges { node { lastUsedAt } } } }`)
      const { edges } = data.apiKeys as { edges: { node: { lastUsedAt: string } }[] }
      return edges[0]?.node.lastUsedAt
    }
    expect(await lastUse()).toBe(start)
    world.clock.advance(59_000)
    expect(await lastUse()).toBe(start)
    world.clock.advance(1_000)
    expect(await lastUse()).toBe(world.clock.now().toISOString())
  })

  test('only the gateway may ask what a key stands for', async () => {
    await using world = await openWorld()
    const answer = await world.send(
      { path: '/introspect-key', body: '{}' },
      { caller: 'analytics' },
    )
    expect(answer.status).toBe(403)
    const malformed = await world.send({ path: '/introspect-key', body: '{' })
    expect(malformed.status).toBe(401)
  })
})

test('a key sees what is personal of its owner with the scope for it, his session always', async () => {
  await using world = await openWorld()
  const owner = await world.as(ACME_ADMIN)
  const see = async (viewer: Viewer) => {
    const { data } = await world.execute(
      viewer,
      '{ me { id displayName email discordId status createdAt } }',
    )
    return data.me
  }
  const keyWith = (...scopes: string[]): Viewer => ({
    ...owner,
    kind: 'key',
    sessionId: null,
    keyId: '1',
    scopes,
  })
  const { userId: id } = owner
  const { email } = ACME_ADMIN
  expect(await see(owner)).toMatchObject({ id, email, status: 'ACTIVE' })
  expect(await see(keyWith('users:read'))).toMatchObject({ id, email, status: 'ACTIVE' })
  const bare = { id, displayName: 'Ada Acme', email: null, discordId: null }
  expect(await see(keyWith('odds:read'))).toEqual({ ...bare, status: null, createdAt: null })
})
