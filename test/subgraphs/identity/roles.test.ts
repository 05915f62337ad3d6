import { describe, expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  GLOBEX,
  GLOBEX_ADMIN,
  GLOBEX_GUILD,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const CREATE = `mutation ($input: CreateRoleInput!) { createRole(input: $input) { id name tenantId permissions } }`
const UPDATE = `mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id permissions isActive } }`
const GRANT = `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id tenantId guildId expiresAt role { name } } }`
const REVOKE = `mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { id } }`

type Node = { id: string; name: string }

async function change(
  world: World,
  viewer: Viewer,
  { document, input }: { document: string; input: Record<string, unknown> },
) {
  const { data, errors } = await world.execute(viewer, document, { input })
  const [changed = null] = Object.values(data)
  return { changed: changed as Record<string, unknown> | null, code: errors?.[0]?.extensions.code }
}

async function roleId(world: World, viewer: Viewer, name: string): Promise<string> {
  const { data } = await world.execute(
    viewer,
    `query ($name: String!) { roles(where: { name: { eq: $name } }) { edges { node { id name } } } }`,
    { name },
  )
  const { edges } = data.roles as { edges: { node: Node }[] }
  return edges[0]?.node.id ?? ''
}

describe('roles', () => {
  test('an administrator makes a role of his tenant out of his own rights', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const input = { name: 'moderator', permissions: ['members:read', 'members:write'] }
    const { changed } = await change(world, admin, { document: CREATE, input })
    expect(changed).toMatchObject({ name: 'moderator', tenantId: ACME })
    expect((await change(world, admin, { document: CREATE, input })).code).toBe('ROLE_NAME_TAKEN')
    const other = await world.as(GLOBEX_ADMIN)
    expect(await roleId(world, other, 'moderator')).toBe('')
  })

  test('a role above one’s own rights is refused, by wildcard and by name', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    for (const permissions of [['*:*'], ['tenants:write'], ['tenants:*']]) {
      const made = await change(world, admin, {
        document: CREATE,
        input: { name: 'boss', permissions },
      })
      expect(made.code).toBe('ROLE_ABOVE_OWN')
    }
  })

  test('nonsense is refused by name', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const create = (input: Record<string, unknown>) =>
      change(world, admin, { document: CREATE, input })
    expect((await create({ name: ' ', permissions: ['odds:read'] })).code).toBe('ROLE_INVALID')
    expect((await create({ name: 'a', permissions: ['odds read'] })).code).toBe(
      'PERMISSION_INVALID',
    )
    expect((await create({ name: 'a', permissions: [] })).code).toBe('ROLE_INVALID')
  })

  test('the platform’s roles are read by tenants and changed by the platform alone', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const id = await roleId(world, admin, 'member')
    const input = { roleId: id, permissions: ['odds:read'] }
    expect((await change(world, admin, { document: UPDATE, input })).code).toBe('ROLE_ABOVE_OWN')
    const operator = await world.as(OPERATOR)
    const { changed } = await change(world, operator, { document: UPDATE, input })
    expect(changed).toMatchObject({ permissions: ['odds:read'] })
  })

  test('without the scope the door stays shut', async () => {
    await using world = await openWorld()
    const member = await world.as(ACME_MEMBER)
    const input = { name: 'mine', permissions: ['odds:read'] }
    const { code } = await change(world, member, { document: CREATE, input })
    expect(code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  })
})

describe('giving roles', () => {
  test('a role given in a guild counts there, and its token ends with it', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const member = await world.as(ACME_MEMBER)
    const expiresAt = new Date(world.clock.now().getTime() + 60_000).toISOString()
    const input = {
      userId: member.userId,
      roleId: await roleId(world, admin, 'analyst'),
      tenantId: ACME,
      guildId: ACME_GUILD,
      expiresAt,
    }
    const { changed } = await change(world, admin, { document: GRANT, input })
    expect(changed).toMatchObject({ guildId: ACME_GUILD, role: { name: 'analyst' } })
    expect((await change(world, admin, { document: GRANT, input })).code).toBe('ROLE_ALREADY_GIVEN')
    const { tokens } = await world.signIn({ ...ACME_MEMBER, guildId: ACME_GUILD })
    const claims = await world.claimsOf(tokens?.accessToken ?? '')
    expect(claims).toMatchObject({ exp: Date.parse(expiresAt) / 1000, guild: ACME_GUILD })
    expect(String(claims.scope)).toContain('tenants:read')
    world.clock.advance(60_001)
    const later = await world.as({ ...ACME_MEMBER, guildId: ACME_GUILD })
    expect(later.scopes).not.toContain('tenants:read')
  })

  test('an expiry in the past, a foreign tenant and a foreign guild are refused', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { userId } = await world.as(ACME_MEMBER)
    const role = await roleId(world, admin, 'member')
    const grant = (more: Record<string, unknown>) =>
      change(world, admin, { document: GRANT, input: { userId, roleId: role, ...more } })
    const past = new Date(world.clock.now().getTime() - 1).toISOString()
    expect((await grant({ expiresAt: past })).code).toBe('EXPIRY_IN_PAST')
    expect((await grant({ tenantId: GLOBEX })).code).toBe('ROLE_PLACE_BEYOND_REACH')
    expect((await grant({ guildId: GLOBEX_GUILD })).code).toBe('ROLE_PLACE_BEYOND_REACH')
    expect((await grant({ guildId: '4711' })).code).toBe('ROLE_PLACE_BEYOND_REACH')
    expect((await grant({ roleId: '4711' })).code).toBe('ROLE_NOT_FOUND')
  })

  test('a stranger’s id brings nobody into a tenant, and an operator’s role is above one’s own', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const stranger = await world.as(GLOBEX_ADMIN)
    const { userId } = await world.as(ACME_MEMBER)
    const member = await roleId(world, admin, 'member')
    const operator = await roleId(world, admin, 'operator')
    const grant = (input: Record<string, unknown>) =>
      change(world, admin, { document: GRANT, input })
    expect((await grant({ userId: stranger.userId, roleId: member })).code).toBe('USER_NOT_FOUND')
    expect((await grant({ userId, roleId: operator })).code).toBe('ROLE_ABOVE_OWN')
  })

  test('a role taken back ends the tokens of who held it', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { userId } = await world.as(ACME_MEMBER)
    const { data } = await world.execute(
      admin,
      `query ($userId: ID!) { userRoles(where: { userId: { eq: $userId } }) { edges { node { id user { displayName } } } } }`,
      { userId },
    )
    const { edges } = data.userRoles as { edges: { node: { id: string } }[] }
    const input = { userRoleId: edges[0]?.node.id }
    expect((await change(world, admin, { document: REVOKE, input })).changed).toEqual({
      id: input.userRoleId,
    })
    const again = await change(world, admin, { document: REVOKE, input })
    expect(again.code).toBe('ROLE_ASSIGNMENT_NOT_FOUND')
    expect(await world.as(ACME_MEMBER)).toMatchObject({ reach: { kind: 'none' }, scopes: [] })
    const [event] = await world.database
      .acrossTenants()
      .find(SecurityEvent, { eventType: 'role.revoked' })
    expect(event).toMatchObject({ userId, actorId: admin.userId, tenantId: ACME })
  })

  test('another tenant’s assignments are not to be seen or taken', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { data } = await world.execute(admin, `{ userRoles { edges { node { id tenantId } } } }`)
    const { edges } = data.userRoles as { edges: { node: { id: string; tenantId: string } }[] }
    expect(edges.length).toBeGreaterThan(0)
    expect(new Set(edges.map(({ node }) => node.tenantId))).toEqual(new Set([ACME]))
    const stranger = await world.as(GLOBEX_ADMIN)
    for (const { node } of edges) {
      const { code } = await change(world, stranger, {
        document: REVOKE,
        input: { userRoleId: node.id },
      })
      expect(code).toBe('ROLE_ASSIGNMENT_NOT_FOUND')
    }
  })
})
