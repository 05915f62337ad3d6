import { describe, expect, test } from 'vitest'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import {
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  ACME_OTHER_GUILD,
  GLOBEX_ADMIN,
  OPERATOR,
  openWorld,
} from './kit/identity-world.ts'

const ENTITY = `query ($id: ID!) {
  _entities(representations: [{ __typename: "User", id: $id }]) {
    ... on User { id displayName email status guildIds tenantIds }
  }
}`
const CREATE = `mutation ($input: CreateUserInput!) { createUser(input: $input) { id email displayName discordId status } }`
const SET_FIRST = `mutation ($input: SetFirstPasswordInput!) { setFirstPassword(input: $input) { id } }`
const NEW_USER = {
  email: ' New.Person@Acme.example ',
  displayName: 'New Person',
  discordId: '81384788765712000',
}
const PASSWORD = 'a long secret'

describe('seeing people', () => {
  test('me is whoever asks, with his own address', async () => {
    await using world = await openWorld()
    const { data } = await world.execute(
      await world.as(ACME_MEMBER),
      `{ me { displayName email status tenantIds guildIds } }`,
    )
    expect(data).toEqual({
      me: {
        displayName: 'Max Member',
        email: 'member@acme.example',
        status: 'ACTIVE',
        tenantIds: ['1'],
        guildIds: [ACME_GUILD],
      },
    })
  })

  test('nobody gets nothing', async () => {
    await using world = await openWorld()
    const { data, errors } = await world.execute(anonymousViewer('nobody'), `{ me { id } }`)
    expect(data).toEqual({ me: null })
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  })

  test('a fellow member is seen by name, his address is not, by `_entities` too', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { data } = await world.execute(await world.as(ACME_MEMBER), ENTITY, { id: admin.userId })
    expect(data._entities).toEqual([
      {
        id: admin.userId,
        displayName: 'Ada Acme',
        email: null,
        status: null,
        guildIds: [ACME_GUILD],
        tenantIds: ['1'],
      },
    ])
  })

  test('a stranger is not seen at all', async () => {
    await using world = await openWorld()
    const stranger = await world.as(GLOBEX_ADMIN)
    for (const account of [ACME_MEMBER, ACME_ADMIN]) {
      const { data } = await world.execute(await world.as(account), ENTITY, { id: stranger.userId })
      expect(data._entities).toEqual([null])
    }
  })

  test('an administrator lists the people of his tenant, the operator all', async () => {
    await using world = await openWorld()
    const emails = async (account: typeof OPERATOR) => {
      const { data } = await world.execute(
        await world.as(account),
        `{ users(first: 10) { edges { node { email } } pageInfo { hasNextPage } } }`,
      )
      const { edges } = data.users as { edges: { node: { email: string } }[] }
      return edges.map(({ node }) => node.email).sort()
    }
    expect(await emails(GLOBEX_ADMIN)).toEqual(['admin@globex.example'])
    expect(await emails(ACME_ADMIN)).toEqual([
      'admin@acme.example',
      'analyst@acme.example',
      'member@acme.example',
      'officer@acme.example',
    ])
    expect(await emails(OPERATOR)).toHaveLength(6)
  })
})

describe('accounts', () => {
  test('an administrator makes an account, known to his tenant alone, that the platform lets in', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { data } = await world.execute(admin, CREATE, { input: NEW_USER })
    expect(data.createUser).toMatchObject({
      email: 'new.person@acme.example',
      displayName: 'New Person',
      status: 'ACTIVE',
    })
    const { id } = data.createUser as { id: string }
    const twice = await world.execute(admin, CREATE, { input: NEW_USER })
    expect(twice.errors?.[0]?.extensions.code).toBe('USER_EMAIL_TAKEN')
    const account = { email: NEW_USER.email, password: PASSWORD }
    expect((await world.signIn(account)).code).toBe('SIGN_IN_REFUSED')
    const first = { input: { userId: id, password: PASSWORD } }
    expect((await world.execute(await world.as(OPERATOR), SET_FIRST, first)).data).toEqual({
      setFirstPassword: { id },
    })
    expect(await world.as(account)).toMatchObject({ reach: { kind: 'none' } })
    const stranger = await world.execute(await world.as(GLOBEX_ADMIN), ENTITY, { id })
    expect(stranger.data._entities).toEqual([null])
  })

  test.each([
    [{ ...NEW_USER, email: 'nobody' }, 'EMAIL_INVALID'],
    [{ ...NEW_USER, discordId: 'x' }, 'USER_NAME_INVALID'],
    [{ ...NEW_USER, displayName: ' ' }, 'USER_NAME_INVALID'],
  ])('bad input is refused by name: %j', async (input, code) => {
    await using world = await openWorld()
    const { errors } = await world.execute(await world.as(ACME_ADMIN), CREATE, { input })
    expect(errors?.[0]?.extensions.code).toBe(code)
  })

  test('a suspended person is out at once, and back when restored', async () => {
    await using world = await openWorld()
    const operator = await world.as(OPERATOR)
    const { tokens } = await world.signIn(ACME_MEMBER)
    const set = (name: string) =>
      world.execute(
        operator,
        `mutation ($input: UserIdInput!) { ${name}(input: $input) { status } }`,
        { input: { userId: tokens?.userId } },
      )
    expect((await set('suspendUser')).data).toEqual({ suspendUser: { status: 'SUSPENDED' } })
    expect((await world.refresh(tokens?.refreshToken ?? '')).code).toBe('SESSION_ENDED')
    expect((await world.signIn(ACME_MEMBER)).code).toBe('ACCOUNT_SUSPENDED')
    await set('restoreUser')
    expect((await world.signIn(ACME_MEMBER)).code).toBeUndefined()
  })

  test('who is known beyond a tenant is suspended by the platform alone', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const member = await world.as(ACME_MEMBER)
    const suspend = (userId: string | null) =>
      world.execute(
        admin,
        `mutation ($input: UserIdInput!) { suspendUser(input: $input) { id } }`,
        {
          input: { userId },
        },
      )
    const stranger = await world.as(GLOBEX_ADMIN)
    expect((await suspend(stranger.userId)).errors?.[0]?.extensions.code).toBe('USER_NOT_FOUND')
    await world.execute(
      stranger,
      `mutation ($input: AddGuildMemberInput!) { addGuildMember(input: $input) { id } }`,
      { input: { guildId: '197038439483310086', email: ACME_MEMBER.email } },
    )
    expect((await suspend(member.userId)).errors?.[0]?.extensions.code).toBe('USER_BEYOND_REACH')
  })

  test('a new password ends the other sessions, a wrong present one changes nothing', async () => {
    await using world = await openWorld()
    const mine = await world.signIn(ACME_MEMBER)
    const other = await world.signIn(ACME_MEMBER)
    const viewer = await world.viewerOf(mine.tokens?.accessToken ?? '')
    const change = async (currentPassword: string) =>
      world.execute(
        viewer,
        `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { id } }`,
        { input: { currentPassword, newPassword: 'another long secret' } },
      )
    const wrong = await change('not the password')
    expect(wrong.errors?.[0]?.extensions.code).toBe('PASSWORD_WRONG')
    expect((await change(ACME_MEMBER.password)).errors).toBeUndefined()
    expect((await world.refresh(other.tokens?.refreshToken ?? '')).code).toBe('SESSION_ENDED')
    expect((await world.refresh(mine.tokens?.refreshToken ?? '')).tokens).not.toBeNull()
    expect((await world.signIn(ACME_MEMBER)).code).toBe('SIGN_IN_REFUSED')
  })
})

describe('guild members', () => {
  const MEMBERS = `query ($guildId: ID!) {
    _entities(representations: [{ __typename: "Guild", id: $guildId }]) {
      ... on Guild { id viewerIsMember members(first: 1) {
        edges { node { userId user { displayName } } } pageInfo { hasNextPage }
      } }
    }
  }`
  const ADD = `mutation ($input: AddGuildMemberInput!) { addGuildMember(input: $input) { userId guild { id } } }`
  const REMOVE = `mutation ($input: RemoveGuildMemberInput!) { removeGuildMember(input: $input) { userId } }`

  test('members are listed page by page to who may read them', async () => {
    await using world = await openWorld()
    const { data } = await world.execute(await world.as(ACME_ADMIN), MEMBERS, {
      guildId: ACME_GUILD,
    })
    expect(data._entities).toMatchObject([
      { viewerIsMember: true, members: { pageInfo: { hasNextPage: true } } },
    ])
    const foreign = await world.execute(await world.as(GLOBEX_ADMIN), MEMBERS, {
      guildId: ACME_GUILD,
    })
    expect(foreign.data._entities).toMatchObject([
      { viewerIsMember: false, members: { edges: [] } },
    ])
    const member = await world.execute(await world.as(ACME_MEMBER), MEMBERS, {
      guildId: ACME_GUILD,
    })
    expect(member.data._entities).toMatchObject([{ viewerIsMember: true, members: null }])
  })

  test('a person joins by address and leaves on his own', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const input = { guildId: ACME_OTHER_GUILD, email: GLOBEX_ADMIN.email }
    const { data } = await world.execute(admin, ADD, { input })
    const { userId } = data.addGuildMember as { userId: string }
    const twice = await world.execute(admin, ADD, { input })
    expect(twice.errors?.[0]?.extensions.code).toBe('MEMBER_EXISTS')
    const leaving = { input: { guildId: ACME_OTHER_GUILD, userId } }
    const stranger = await world.execute(await world.as(ACME_MEMBER), REMOVE, leaving)
    expect(stranger.errors?.[0]?.extensions.code).toBe('MEMBER_NOT_FOUND')
    const own = await world.execute(await world.as(GLOBEX_ADMIN), REMOVE, leaving)
    expect(own.data.removeGuildMember).toEqual({ userId })
    const gone = await world.execute(admin, ENTITY, { id: userId })
    expect(gone.data._entities).toEqual([null])
  })

  test('a stranger’s id, an unknown address and a foreign guild are refused', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const stranger = await world.as(GLOBEX_ADMIN)
    const add = async (input: Record<string, unknown>) =>
      (await world.execute(admin, ADD, { input })).errors?.[0]?.extensions.code
    expect(await add({ guildId: ACME_OTHER_GUILD, userId: stranger.userId })).toBe('USER_NOT_FOUND')
    expect(await add({ guildId: ACME_OTHER_GUILD, email: 'nobody@acme.example' })).toBe(
      'USER_NOT_FOUND',
    )
    expect(await add({ guildId: '197038439483310086', email: ACME_MEMBER.email })).toBe(
      'MEMBER_GUILD_UNKNOWN',
    )
  })

  test('roles given in a guild end with the membership', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const { userId } = await world.as(ACME_MEMBER)
    await world.execute(admin, REMOVE, { input: { guildId: ACME_GUILD, userId } })
    expect(await world.as(ACME_MEMBER)).toMatchObject({ reach: { kind: 'none' }, scopes: [] })
  })
})
