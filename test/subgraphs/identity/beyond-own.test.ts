import { expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import {
  ACME_ADMIN,
  ACME_ANALYST,
  ACME_GUILD,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const HOUR = 3_600_000
const DOMAIN = 'example'

type Edges = { edges: { node: { id: string } }[] }

async function run(world: World, viewer: Viewer, field: string, input: object) {
  const [name, type, selection] = field.split(' ')
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`
  const { data, errors } = await world.execute(viewer, document, { input })
  const made = data?.[name ?? ''] as { id: string } | null | undefined
  return { id: made?.id ?? '', code: errors?.[0]?.extensions.code }
}

const grant = (world: World, viewer: Viewer, input: object) =>
  run(world, viewer, 'grantRole GrantRoleInput id', input)
const makeRole = (world: World, viewer: Viewer, name: string, permissions: string[]) =>
  run(world, viewer, 'createRole CreateRoleInput id', { name, permissions })

async function roleNamed(world: World, name: string): Promise<string> {
  const { data } = await world.execute(
    await world.as(OPERATOR),
    `{ roles(where: { name: { eq: "${name}" } }) { edges { node { id } } } }`,
  )
  return (data.roles as Edges).edges[0]?.node.id ?? ''
}

test('rights that end are not given for longer than they last', async () => {
  await using world = await openWorld()
  const admin = await world.as(ACME_ADMIN)
  const { userId } = await world.as(ACME_ANALYST)
  const expiresAt = new Date(world.clock.now().getTime() + HOUR)
  const roleId = await roleNamed(world, 'tenant-admin')
  expect((await grant(world, admin, { userId, roleId, expiresAt })).code).toBeUndefined()
  const deputy = await world.as(ACME_ANALYST)
  const copy = await makeRole(world, deputy, 'copy', ['roles:write'])
  const later = new Date(expiresAt.getTime() + 1)
  for (const end of [{}, { expiresAt: later }]) {
    const given = await grant(world, deputy, { userId, roleId: copy.id, ...end })
    expect(given.code).toBe('ROLE_ABOVE_OWN')
  }
  const within = await grant(world, deputy, { userId, roleId: copy.id, expiresAt })
  expect(within.code).toBeUndefined()
  const plain = await makeRole(world, deputy, 'plain', ['odds:read'])
  expect((await grant(world, deputy, { userId, roleId: plain.id })).code).toBeUndefined()
})

test('nobody is put out of a guild by who does not hold the roles that end with it', async () => {
  await using world = await openWorld()
  const admin = await world.as(ACME_ADMIN)
  const analyst = await world.as(ACME_ANALYST)
  const members = ['members:read', 'members:write']
  const moderators = await makeRole(world, admin, 'moderators', members)
  await grant(world, admin, { userId: analyst.userId, roleId: moderators.id, guildId: ACME_GUILD })
  const roleId = await roleNamed(world, 'tenant-admin')
  await grant(world, admin, { userId: admin.userId, roleId, guildId: ACME_GUILD })
  const moderator = await world.as({ ...ACME_ANALYST, guildId: ACME_GUILD })
  const remove = 'removeGuildMember RemoveGuildMemberInput id'
  const other = { guildId: ACME_GUILD, userId: admin.userId }
  expect((await run(world, moderator, remove, other)).code).toBe('ROLE_ABOVE_OWN')
  expect((await run(world, admin, remove, other)).code).toBeUndefined()
})

test('a key ends nothing of its owner but itself', async () => {
  await using world = await openWorld()
  const owner = await world.as(ACME_ADMIN)
  const issue = async (name: string) => {
    const { data } = await world.execute(
      owner,
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }`,
      { input: { name, scopes: ['odds:read'] } },
    )
    return (data.createApiKey as { apiKey: { id: string } }).apiKey.id
  }
  const [own, other] = [await issue('own'), await issue('other')]
  const key: Viewer = {
    ...owner,
    kind: 'key',
    sessionId: null,
    keyId: own,
    scopes: ['odds:read'],
  }
  const revoke = 'revokeApiKey ApiKeyIdInput id'
  expect((await run(world, key, revoke, { apiKeyId: other })).code).toBe('KEY_NOT_FOUND')
  const session = { sessionId: owner.sessionId }
  const revoked = await run(world, key, 'revokeSession RevokeSessionInput id', session)
  expect(revoked.code).toBe('SESSION_NOT_FOUND')
  const leaving = { guildId: ACME_GUILD, userId: owner.userId }
  const left = await run(world, key, 'removeGuildMember RemoveGuildMemberInput id', leaving)
  expect(left.code).toBe('MEMBER_NOT_FOUND')
  const { data } = await world.execute(
    key,
    '{ sessions { edges { node { id } } } apiKeys { edges { node { id } } } }',
  )
  expect(data).toEqual({ sessions: null, apiKeys: { edges: [{ node: { id: own } }] } })
  expect((await run(world, key, revoke, { apiKeyId: own })).code).toBeUndefined()
})

test('a tenant restores whom it suspended, and not whom the platform did', async () => {
  await using world = await openWorld()
  const [operator, admin] = [await world.as(OPERATOR), await world.as(ACME_ADMIN)]
  const person = { email: `rogue@acme.${DOMAIN}` }
  const { id: userId } = await run(world, admin, 'createUser CreateUserInput id', person)
  const [suspend, restore] = ['suspendUser UserIdInput id', 'restoreUser UserIdInput id']
  await run(world, admin, suspend, { userId })
  expect((await run(world, admin, restore, { userId })).code).toBeUndefined()
  await run(world, operator, suspend, { userId })
  expect((await run(world, admin, restore, { userId })).code).toBe('USER_BEYOND_REACH')
  await run(world, admin, suspend, { userId })
  expect((await run(world, admin, restore, { userId })).code).toBe('USER_BEYOND_REACH')
  expect((await run(world, operator, restore, { userId })).code).toBeUndefined()
})
