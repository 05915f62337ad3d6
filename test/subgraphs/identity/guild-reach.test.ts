import { expect, test } from 'vitest'
import {
  ACME,
  ACME_ADMIN,
  ACME_ANALYST,
  ACME_GUILD,
  ACME_OTHER_GUILD,
  GLOBEX_ADMIN,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

type List = { edges: { node: Record<string, string> }[] }

/** The analyst, given an administrator's role in Acme's other guild and signed in for it alone. */
async function asGuildAdmin(world: World) {
  const operator = await world.as(OPERATOR)
  const { data } = await world.execute(
    operator,
    `{ roles(where: { name: { in: ["tenant-admin", "member"] } }, orderBy: [{ field: NAME, direction: ASC }]) { edges { node { id } } } }`,
  )
  const [member, admin] = (data.roles as List).edges.map(({ node }) => node.id)
  const { userId } = await world.as(ACME_ANALYST)
  const input = { userId, roleId: admin, guildId: ACME_OTHER_GUILD }
  await world.execute(
    operator,
    `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }`,
    { input },
  )
  const viewer = await world.as({ ...ACME_ANALYST, guildId: ACME_OTHER_GUILD })
  return { viewer, memberRole: member }
}

test('rights in one guild do not reach the guild beside it', async () => {
  await using world = await openWorld()
  const { viewer } = await asGuildAdmin(world)
  expect(viewer.reach).toEqual({ kind: 'guild', tenantId: ACME, guildId: ACME_OTHER_GUILD })
  const { data } = await world.execute(
    viewer,
    `{ users { edges { node { email } } } userRoles { edges { node { guildId } } } }`,
  )
  expect((data.users as List).edges).toEqual([{ node: { email: ACME_ANALYST.email } }])
  expect((data.userRoles as List).edges).toEqual([{ node: { guildId: ACME_OTHER_GUILD } }])
  const members = await world.execute(
    viewer,
    `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Guild { members { edges { node { userId } } } } } }`,
    { ids: [ACME_GUILD, ACME_OTHER_GUILD].map((id) => ({ __typename: 'Guild', id })) },
  )
  expect(members.data._entities).toMatchObject([
    { members: { edges: [] } },
    { members: { edges: [{ node: { userId: viewer.userId } }] } },
  ])
})

test('a guild’s administrator adds members and gives roles in it, nowhere else', async () => {
  await using world = await openWorld()
  const { viewer, memberRole } = await asGuildAdmin(world)
  const add = (guildId: string) =>
    world.execute(
      viewer,
      `mutation ($input: AddGuildMemberInput!) { addGuildMember(input: $input) { userId } }`,
      { input: { guildId, email: GLOBEX_ADMIN.email } },
    )
  const added = await add(ACME_OTHER_GUILD)
  const { userId } = added.data.addGuildMember as { userId: string }
  expect((await add(ACME_GUILD)).errors?.[0]?.extensions.code).toBe('MEMBER_GUILD_UNKNOWN')
  const grant = (input: Record<string, unknown>) =>
    world.execute(
      viewer,
      `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { guildId } }`,
      { input: { userId, roleId: memberRole, ...input } },
    )
  expect((await grant({})).data.grantRole).toEqual({ guildId: ACME_OTHER_GUILD })
  for (const place of [{ tenantId: ACME }, { guildId: ACME_GUILD }]) {
    expect((await grant(place)).errors?.[0]?.extensions.code).toBe('ROLE_PLACE_BEYOND_REACH')
  }
  const role = await world.execute(
    viewer,
    `mutation { createRole(input: { name: "x", permissions: ["odds:read"] }) { id } }`,
  )
  expect(role.errors?.[0]?.extensions.code).toBe('ROLE_PLACE_BEYOND_REACH')
  const seen = await world.execute(
    await world.as(ACME_ADMIN),
    `query ($id: ID!) { user(id: $id) { email } }`,
    {
      id: userId,
    },
  )
  expect(seen.data.user).toEqual({ email: GLOBEX_ADMIN.email })
})
