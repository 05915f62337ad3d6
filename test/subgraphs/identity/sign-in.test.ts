import { describe, expect, test } from 'vitest'
import { systemRandomness } from '#kernel/ids.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import { createPasswords } from '#subgraphs/identity/services/passwords.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  GLOBEX,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const eventsOf = (world: World, eventType: string) =>
  world.database.acrossTenants().find(SecurityEvent, { eventType }, { orderBy: { id: 'asc' } })

describe('signing in', () => {
  test('the operator gets a token of the platform with every scope, good for five minutes', async () => {
    await using world = await openWorld()
    const { tokens } = await world.signIn(OPERATOR)
    const claims = await world.claimsOf(tokens?.accessToken ?? '')
    expect(claims).toMatchObject({ reach: 'platform', sub: tokens?.userId, sid: tokens?.sessionId })
    expect(Number(claims.exp) - Number(claims.iat)).toBe(300)
    expect(String(claims.scope)).toContain('tenants:write')
    expect(await eventsOf(world, 'sign-in.succeeded')).toHaveLength(1)
  })

  test('a wrong password is refused, told as a security event, and opens nothing', async () => {
    await using world = await openWorld()
    const { tokens, code } = await world.signIn({ ...OPERATOR, password: 'not the password' })
    expect({ tokens, code }).toEqual({ tokens: null, code: 'SIGN_IN_REFUSED' })
    const [refusal] = await eventsOf(world, 'sign-in.refused')
    expect(refusal).toMatchObject({ details: { reason: 'password' } })
    expect(await eventsOf(world, 'sign-in.succeeded')).toHaveLength(0)
  })

  test('an unknown account gets the same answer as a wrong password', async () => {
    await using world = await openWorld()
    const { code } = await world.signIn({ email: 'nobody@acme.example', password: 'demo-admin' })
    expect(code).toBe('SIGN_IN_REFUSED')
    const [refusal] = await eventsOf(world, 'sign-in.refused')
    expect(refusal).toMatchObject({ userId: null, details: { reason: 'unknown' } })
  })

  test('a tenant’s administrator reaches the only tenant of his roles', async () => {
    await using world = await openWorld()
    const viewer = await world.as(ACME_ADMIN)
    expect(viewer.reach).toEqual({ kind: 'tenant', tenantId: ACME })
    expect(viewer.scopes).toContain('users:write')
    expect(viewer.scopes).not.toContain('tenants:write')
  })

  test('a foreign tenant gives nothing but one’s own data', async () => {
    await using world = await openWorld()
    const viewer = await world.as({ ...ACME_ADMIN, tenantId: GLOBEX })
    expect(viewer).toMatchObject({ reach: { kind: 'none' }, scopes: [] })
  })

  test('a member reaches his guild, and a guild that nobody knows is refused', async () => {
    await using world = await openWorld()
    const viewer = await world.as({ ...ACME_MEMBER, guildId: ACME_GUILD })
    expect(viewer.reach).toEqual({ kind: 'guild', tenantId: ACME, guildId: ACME_GUILD })
    const { code } = await world.signIn({ ...ACME_MEMBER, guildId: '999999999' })
    expect(code).toBe('SIGN_IN_PLACE_UNKNOWN')
  })
})

describe('guessing', () => {
  const fail = (world: World, email: string) => world.signIn({ email, password: 'wrong guess' })

  test('ten wrong tries lock an account for a quarter of an hour, known or not', async () => {
    await using world = await openWorld()
    for (const email of [OPERATOR.email, 'nobody@acme.example']) {
      for (let tries = 0; tries < 10; tries++) {
        expect((await fail(world, email)).code).toBe('SIGN_IN_REFUSED')
      }
      expect((await fail(world, email)).code).toBe('ACCOUNT_LOCKED')
    }
    expect((await world.signIn(OPERATOR)).code).toBe('ACCOUNT_LOCKED')
    world.clock.advance(15 * 60_000 + 1)
    expect((await world.signIn(OPERATOR)).code).toBeUndefined()
  })

  test('a sign-in forgets the wrong tries before it', async () => {
    await using world = await openWorld()
    for (let round = 0; round < 2; round++) {
      for (let tries = 0; tries < 7; tries++) await fail(world, OPERATOR.email)
      expect((await world.signIn(OPERATOR)).code).toBeUndefined()
    }
  })

  test('guesses at once count like guesses one by one', async () => {
    await using world = await openWorld()
    const answers = await Promise.all(Array.from({ length: 30 }, () => fail(world, OPERATOR.email)))
    const refused = answers.filter(({ code }) => code === 'SIGN_IN_REFUSED')
    expect(refused.length).toBeLessThanOrEqual(10)
    expect(answers.every(({ code }) => code !== undefined)).toBe(true)
  })
})

describe('a crowd', () => {
  test('more sign-ins than may wait are refused with PASSWORDS_BUSY, the others served', async () => {
    const passwords = createPasswords({ randomness: systemRandomness, mostWaiting: 4 })
    const guesses = Array.from({ length: 9 }, (_, index) =>
      passwords.verify(null, `guess ${index}`),
    )
    const all = await Promise.allSettled(guesses)
    const busy = all.filter((one) => one.status === 'rejected')
    // Four wait, and one or two are at work, by the number of cores.
    expect([3, 4]).toContain(busy.length)
    expect(busy[0]).toMatchObject({ reason: { code: 'PASSWORDS_BUSY' } })
    expect(await passwords.verify(await passwords.hash('a long secret'), 'a long secret')).toBe(
      true,
    )
  })
})
