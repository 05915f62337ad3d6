import { expect, test } from 'vitest'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import {
  ACME_ADMIN,
  ACME_MEMBER,
  GLOBEX,
  GLOBEX_ADMIN,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const CREATE = `mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }`
const SET_FIRST = `mutation ($input: SetFirstPasswordInput!) { setFirstPassword(input: $input) { id } }`
const GRANT = `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }`
const STRANGER = { email: 'stranger@elsewhere.example', password: 'known to the attacker' }

type Account = typeof OPERATOR

async function ask(world: World, who: Account, document: string, input: object) {
  const { data, errors } = await world.execute(await world.as(who), document, { input })
  const [made] = Object.values(data) as ({ id: string } | null)[]
  return { id: made?.id ?? '', code: errors?.[0]?.extensions.code }
}

const create = (world: World, who: Account, input: object) => ask(world, who, CREATE, input)
const setFirst = (world: World, who: Account, input: object) => ask(world, who, SET_FIRST, input)

test('no tenant makes an account whose password it knows', async () => {
  await using world = await openWorld()
  expect((await create(world, ACME_ADMIN, STRANGER)).code).toBe('PASSWORD_OF_OTHERS')
  const { id, code } = await create(world, ACME_ADMIN, { email: STRANGER.email })
  expect(code).toBeUndefined()
  const first = { userId: id, password: STRANGER.password }
  for (const admin of [ACME_ADMIN, GLOBEX_ADMIN]) {
    expect((await setFirst(world, admin, first)).code).toBe('PASSWORD_OF_OTHERS')
  }
  expect((await world.signIn(STRANGER)).code).toBe('SIGN_IN_REFUSED')
})

test('the platform makes an account with a password, and a weak one is refused', async () => {
  await using world = await openWorld()
  const weak = await create(world, OPERATOR, { ...STRANGER, password: 'short' })
  expect(weak.code).toBe('PASSWORD_WEAK')
  expect((await create(world, OPERATOR, STRANGER)).code).toBeUndefined()
  expect((await world.signIn(STRANGER)).code).toBeUndefined()
})

test('the platform sets a first password once, which is told, and no second one', async () => {
  await using world = await openWorld()
  const { id: userId } = await create(world, ACME_ADMIN, { email: STRANGER.email })
  const first = { userId, password: STRANGER.password }
  expect((await setFirst(world, OPERATOR, { ...first, password: 'short' })).code).toBe(
    'PASSWORD_WEAK',
  )
  const both = await Promise.all([first, first].map((input) => setFirst(world, OPERATOR, input)))
  expect(both.map(({ code }) => code ?? 'done').sort()).toEqual(['PASSWORD_STANDS', 'done'])
  expect((await world.signIn(STRANGER)).code).toBeUndefined()
  const told = await world.database
    .acrossTenants()
    .find(SecurityEvent, { eventType: 'password.first-set' })
  expect(told).toMatchObject([{ userId, tenantId: null }])
  expect((await setFirst(world, OPERATOR, { ...first, userId: '999999' })).code).toBe(
    'USER_NOT_FOUND',
  )
})

test('refused: a first password for somebody who holds more than whoever sets it', async () => {
  await using world = await openWorld()
  const { id: userId } = await create(world, ACME_ADMIN, { email: STRANGER.email })
  const { data } = await world.execute(
    await world.as(OPERATOR),
    `{ roles(where: { name: { eq: "tenant-admin" } }) { edges { node { id } } } }`,
  )
  const { edges } = data.roles as { edges: { node: { id: string } }[] }
  const role = { roleId: edges[0]?.node.id, tenantId: GLOBEX, userId }
  expect((await ask(world, OPERATOR, GRANT, role)).code).toBeUndefined()
  const clerk = { ...(await world.as(OPERATOR)), scopes: ['users:write'] }
  const input = { userId, password: STRANGER.password }
  const refused = await world.execute(clerk, SET_FIRST, { input })
  expect(refused.errors?.[0]?.extensions.code).toBe('ROLE_ABOVE_OWN')
  expect((await setFirst(world, OPERATOR, input)).code).toBeUndefined()
})

test('refused: a person without the right to write users, also for himself', async () => {
  await using world = await openWorld()
  const { userId } = await world.as(ACME_MEMBER)
  const { code } = await setFirst(world, ACME_MEMBER, { userId, password: STRANGER.password })
  expect(code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
})
