import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { createLog } from '#kernel/log.ts'
import { Role } from '#subgraphs/identity/entities/role.ts'
import { User } from '#subgraphs/identity/entities/user.ts'
import { UserRole } from '#subgraphs/identity/entities/user-role.ts'
import { DEFAULT_ROLES } from '#subgraphs/identity/scopes.ts'
import { OPERATOR, openWorld, type World, type WorldOptions } from './kit/identity-world.ts'

const FIRST = { email: 'first@platform.example', password: 'a good long secret' }
const SECOND = { email: 'second@platform.example', password: 'another good secret' }

const rolesOf = async ({ database }: World) =>
  (await database.acrossTenants().findAll(Role, { orderBy: { id: 'asc' } })).map(({ name }) => name)

const countUsers = ({ database }: World) => database.acrossTenants().count(User)

const startWith = async (options: WorldOptions) => {
  const world = await openWorld(options)
  await world.service.start()
  return world
}

/** An empty platform, once started with a first operator, and any number of starts after it. */
async function openPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-first-operator-'))
  const url = `sqlite:${join(folder, 'identity.sqlite')}`
  const start = (options: WorldOptions) => startWith({ url, isSeeded: false, ...options })
  await (await start({ firstOperator: FIRST }))[Symbol.asyncDispose]()
  return { start, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

describe('an empty platform', () => {
  test('gets its roles and one operator who signs in with every scope, all of it audited', async () => {
    await using world = await startWith({ isSeeded: false, firstOperator: FIRST })
    expect(await rolesOf(world)).toEqual(Object.keys(DEFAULT_ROLES))
    const { tokens } = await world.signIn(FIRST)
    expect(tokens).toMatchObject({ reach: 'PLATFORM', scopes: [...SCOPE_NAMES].sort() })
    const rows = await world.database
      .acrossTenants()
      .find(OutboxRow, { receiver: 'audit' }, { orderBy: { id: 'asc' } })
    const actions = rows.map(({ payload }) => (JSON.parse(payload) as { action: string }).action)
    const made = Object.keys(DEFAULT_ROLES).map(() => 'role.created')
    expect(actions).toEqual([...made, 'user.created', 'role.granted', 'sign-in.succeeded'])
    expect(JSON.stringify(rows)).not.toContain(FIRST.email)
  })

  test('without the settings gets nothing, and nobody signs in', async () => {
    await using world = await startWith({ isSeeded: false })
    expect([await rolesOf(world), await countUsers(world)]).toEqual([[], 0])
    expect((await world.signIn(FIRST)).code).toBe('SIGN_IN_REFUSED')
  })

  test.each([
    ['an address that is none', { ...FIRST, email: 'nobody' }, 'EMAIL_INVALID'],
    ['a password that is too short', { ...FIRST, password: 'short' }, 'PASSWORD_WEAK'],
  ])('does not start with %s', async (_what, firstOperator, code) => {
    await using world = await openWorld({ isSeeded: false, firstOperator })
    await expect(world.service.start()).rejects.toMatchObject({
      code: 'FIRST_OPERATOR_INVALID',
      cause: { code },
    })
    expect([await rolesOf(world), await countUsers(world)]).toEqual([[], 0])
  })
})

describe('a platform that has an operator', () => {
  test('makes none, whoever it is and whoever is named', async () => {
    await using world = await startWith({ firstOperator: FIRST })
    expect((await world.signIn(FIRST)).code).toBe('SIGN_IN_REFUSED')
    expect((await world.signIn(OPERATOR)).tokens).not.toBeNull()
    await using place = await openPlace()
    for (const firstOperator of [FIRST, SECOND]) {
      await using again = await place.start({ firstOperator })
      expect([await rolesOf(again), await countUsers(again)]).toEqual([
        Object.keys(DEFAULT_ROLES),
        1,
      ])
    }
  })

  test('counts who holds a role that gives as much under another name', async () => {
    await using place = await openPlace()
    await using world = await place.start({})
    const em = world.database.acrossTenants()
    const role = await em.findOneOrFail(Role, { name: 'operator' })
    role.name = 'chief'
    await em.flush()
    await using again = await place.start({ firstOperator: SECOND })
    expect(await countUsers(again)).toBe(1)
    expect(await rolesOf(again)).not.toContain('operator')
  })
})

describe('a platform whose operator is gone', () => {
  test('makes another of the address that is named', async () => {
    await using place = await openPlace()
    await using world = await place.start({})
    const em = world.database.acrossTenants()
    const held = await em.findOneOrFail(UserRole, { place: 'p' })
    held.expiresAt = world.clock.now()
    await em.flush()
    await using again = await place.start({ firstOperator: SECOND })
    expect((await again.signIn(SECOND)).tokens).toMatchObject({ reach: 'PLATFORM' })
    expect((await again.signIn(FIRST)).tokens).toMatchObject({ reach: 'NONE' })
  })

  test('leaves the account that has the address as it is, starts, and says so', async () => {
    await using place = await openPlace()
    await using world = await place.start({})
    const em = world.database.acrossTenants()
    const user = await em.findOneOrFail(User, { status: 'active' })
    user.status = 'suspended'
    await em.flush()
    const logged: string[] = []
    const destination = { write: (line: string) => void logged.push(line) }
    const log = createLog({ level: 'error', name: 'test', destination })
    await using again = await place.start({ firstOperator: { ...SECOND, email: FIRST.email }, log })
    expect((await again.signIn(FIRST)).code).toBe('ACCOUNT_SUSPENDED')
    expect(await countUsers(again)).toBe(1)
    expect(logged.join('')).toContain('FIRST_OPERATOR_EMAIL belongs to an account already')
    expect(logged.join('')).not.toContain(FIRST.email)
  })
})
