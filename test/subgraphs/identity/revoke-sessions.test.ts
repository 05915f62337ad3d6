import { expect, test } from 'vitest'
import { Session } from '#subgraphs/identity/entities/session.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  GLOBEX,
  GLOBEX_ADMIN,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const REVOKE = `mutation ($input: RevokeUserSessionsInput!) {
  revokeUserSessions(input: $input) { userId count }
}`
const EVENTS = `query ($where: SecurityEventWhere) {
  securityEvents(where: $where) { edges { node { userId } } }
}`

test('an administrator ends the sessions of his people, also when there are none', async () => {
  await using world = await openWorld()
  const { userId } = await world.as({ ...ACME_MEMBER, guildId: ACME_GUILD })
  const admin = await world.as(ACME_ADMIN)
  for (const count of [1, 0]) {
    const { data } = await world.execute(admin, REVOKE, { input: { userId } })
    expect(data.revokeUserSessions).toEqual({ userId, count })
  }
})

test('refused: a person of another tenant, of whom no event is written either', async () => {
  await using world = await openWorld()
  const { userId } = await world.as(GLOBEX_ADMIN)
  const admin = await world.as(ACME_ADMIN)
  const { data, errors } = await world.execute(admin, REVOKE, { input: { userId } })
  expect(data.revokeUserSessions).toBeNull()
  expect(errors?.[0]?.extensions.code).toBe('USER_NOT_FOUND')
  const events = await world.execute(admin, EVENTS, { where: { userId: { eq: userId } } })
  expect(events.data.securityEvents).toEqual({ edges: [] })
})

const GRANT = `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }`
const TAKE = `mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { id } }`

async function revoke(world: World, who: object, userId: string | null) {
  const { data } = await world.execute(await world.as({ ...who }), REVOKE, { input: { userId } })
  return (data.revokeUserSessions as { count: number } | null)?.count
}

const standsAt = async (world: World, userId: string | null) => {
  const where = { userId: userId ?? '', endedAt: null }
  const [session] = await world.database.acrossTenants().find(Session, where)
  return [session?.tenantId ?? null, session?.guildId ?? null]
}

test('an administrator ends sessions that were opened without a named place', async () => {
  await using world = await openWorld()
  const { tokens } = await world.signIn(ACME_MEMBER)
  const userId = tokens?.userId ?? null
  expect(await standsAt(world, userId)).toEqual([ACME, ACME_GUILD])
  expect(await revoke(world, GLOBEX_ADMIN, userId)).toBeUndefined()
  expect(await revoke(world, ACME_ADMIN, userId)).toBe(1)
  expect((await world.refresh(tokens?.refreshToken ?? '')).code).toBe('SESSION_ENDED')
})

test('a session stands where its rights lead anew at each refresh; one for a named place stays', async () => {
  await using world = await openWorld()
  const { tokens } = await world.signIn(ACME_MEMBER)
  const [operator, userId] = [await world.as(OPERATOR), tokens?.userId ?? null]
  const roles = await world.execute(
    operator,
    `{ userRoles(where: { userId: { eq: "${userId}" } }) { edges { node { id role { id } } } } }`,
  )
  type Given = { edges: { node: { id: string; role: { id: string } } }[] }
  const given = (roles.data.userRoles as Given).edges[0]?.node
  await world.execute(operator, TAKE, { input: { userRoleId: given?.id } })
  const bare = await world.refresh(tokens?.refreshToken ?? '')
  expect(bare.tokens?.reach).toBe('NONE')
  expect(await standsAt(world, userId)).toEqual([null, null])
  expect(await revoke(world, ACME_ADMIN, userId)).toBe(0)
  const elsewhere = { userId, roleId: given?.role.id, tenantId: GLOBEX }
  const granted = await world.execute(operator, GRANT, { input: elsewhere })
  expect(granted.errors).toBeUndefined()
  const moved = await world.refresh(bare.tokens?.refreshToken ?? '')
  expect(moved.tokens?.reach).toBe('TENANT')
  expect(await standsAt(world, userId)).toEqual([GLOBEX, null])
  expect(await revoke(world, ACME_ADMIN, userId)).toBe(0)
  expect(await revoke(world, GLOBEX_ADMIN, userId)).toBe(1)
  const named = await world.signIn({ ...ACME_MEMBER, tenantId: ACME })
  expect((await world.refresh(named.tokens?.refreshToken ?? '')).tokens?.reach).toBe('NONE')
  expect(await standsAt(world, userId)).toEqual([ACME, null])
})
