import { describe, expect, test } from 'vitest'
import { KnownNetwork } from '#subgraphs/identity/entities/known-network.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import { UserSettings } from '#subgraphs/identity/entities/user-settings.ts'
import { ACME_ADMIN, OPERATOR, openWorld, type World } from './kit/identity-world.ts'

const at = (ip: string) => ({ ip, userAgent: 'Test/1' })
const HOME = at('203.0.113.7')
const STRANGER = at('198.51.100.9')
const MINUTE = 60_000
const DAY = 86_400_000

const codeOf = async (world: World, account: object, client: typeof HOME | null) =>
  (await world.signIn({ ...account }, client)).code

const guess = (world: World, client: typeof HOME, email = OPERATOR.email) =>
  codeOf(world, { email, password: 'a wrong guess' }, client)

async function guessTimes(world: World, times: number, client: typeof HOME) {
  for (let tries = 0; tries < times; tries++) await guess(world, client)
}

/** Writes what a hundred wrong guesses of strangers leave behind, without their cost. */
async function lockToStrangers(world: World) {
  const em = world.database.acrossTenants()
  const settings = await em.findOneOrFail(UserSettings, { userId: '1' })
  const accountLockedUntil = new Date(world.clock.now().getTime() + 60 * MINUTE)
  Object.assign(settings, { accountLocked: true, accountLockedUntil })
  await em.flush()
}

describe('a stranger', () => {
  test('is locked out after ten wrong guesses, and only he', async () => {
    await using world = await openWorld()
    await guessTimes(world, 10, STRANGER)
    expect(await guess(world, STRANGER)).toBe('ACCOUNT_LOCKED')
    expect(await codeOf(world, OPERATOR, STRANGER)).toBe('ACCOUNT_LOCKED')
    expect(await codeOf(world, OPERATOR, HOME)).toBeUndefined()
  })

  test('cannot lock the owner out of where he signed in before, only from elsewhere', async () => {
    await using world = await openWorld()
    expect(await codeOf(world, OPERATOR, HOME)).toBeUndefined()
    await lockToStrangers(world)
    expect(await codeOf(world, OPERATOR, STRANGER)).toBe('SIGN_IN_REFUSED')
    expect(await codeOf(world, OPERATOR, HOME)).toBeUndefined()
    // The owner's coming and going does not unlock the account to strangers.
    expect(await codeOf(world, OPERATOR, STRANGER)).toBe('SIGN_IN_REFUSED')
    world.clock.advance(60 * MINUTE + 1)
    expect(await codeOf(world, OPERATOR, STRANGER)).toBeUndefined()
  })

  test('is not told by a lasting lock which accounts there are', async () => {
    await using world = await openWorld()
    await lockToStrangers(world)
    const unknown = await guess(world, STRANGER, 'nobody@acme.example')
    expect(await guess(world, STRANGER)).toBe(unknown)
    const em = world.database.acrossTenants()
    const settings = await em.findOneOrFail(UserSettings, { userId: '1' })
    Object.assign(settings, { accountLocked: true, accountLockedUntil: null })
    await em.flush()
    expect(await guess(world, STRANGER)).toBe(unknown)
  })

  test('adds to a count that begins anew an hour after its first failure', async () => {
    await using world = await openWorld()
    const settings = () =>
      world.database.acrossTenants().findOneOrFail(UserSettings, { userId: '1' })
    await guessTimes(world, 3, STRANGER)
    world.clock.advance(59 * MINUTE)
    await guessTimes(world, 1, STRANGER)
    expect((await settings()).failedLoginAttempts).toBe(4)
    world.clock.advance(MINUTE)
    await guessTimes(world, 2, STRANGER)
    expect((await settings()).failedLoginAttempts).toBe(2)
  })

  test('locks the account to strangers with the hundredth failure of an hour', async () => {
    await using world = await openWorld()
    const em = world.database.acrossTenants()
    await guess(world, STRANGER)
    const settings = await em.findOneOrFail(UserSettings, { userId: '1' })
    settings.failedLoginAttempts = 99
    await em.flush()
    await guess(world, STRANGER)
    const lasting = await em.fork().findOneOrFail(UserSettings, { userId: '1' })
    expect(lasting).toMatchObject({ accountLocked: true, failedLoginAttempts: 0 })
    expect(await codeOf(world, OPERATOR, at('198.51.100.10'))).toBe('SIGN_IN_REFUSED')
  })

  test('of the same IPv6 network is no other stranger', async () => {
    await using world = await openWorld()
    for (let tries = 0; tries < 10; tries++) await guess(world, at(`2001:db8:0:1::${tries + 1}`))
    expect(await codeOf(world, OPERATOR, at('2001:db8:0:1::ffff'))).toBe('ACCOUNT_LOCKED')
    expect(await codeOf(world, OPERATOR, at('2001:db8:0:2::1'))).toBeUndefined()
  })

  test('adds to the count of strangers; the owner at home does not', async () => {
    await using world = await openWorld()
    const count = async () => {
      const em = world.database.acrossTenants()
      return (await em.findOneOrFail(UserSettings, { userId: '1' })).failedLoginAttempts
    }
    await codeOf(world, OPERATOR, HOME)
    await guessTimes(world, 2, HOME)
    expect(await count()).toBe(0)
    await guessTimes(world, 2, STRANGER)
    expect(await count()).toBe(2)
  })

  test('who sprays many accounts is not heard any more; others are', async () => {
    await using world = await openWorld()
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, index) =>
        guess(world, STRANGER, `person-${index}@acme.example`),
      ),
    )
    const heard = answers.filter((code) => code === 'SIGN_IN_REFUSED')
    expect(heard.length).toBeGreaterThanOrEqual(50)
    // Two guesses are weighed at once: the last of them may both be under way.
    expect(heard.length).toBeLessThanOrEqual(54)
    expect(await codeOf(world, OPERATOR, STRANGER)).toBe('SIGN_IN_TOO_MANY')
    expect(await codeOf(world, OPERATOR, HOME)).toBeUndefined()
    const events = await world.database
      .acrossTenants()
      .find(SecurityEvent, { eventType: 'sign-in.refused', userId: null })
    expect(events.filter(({ details }) => details.reason === 'network')).toHaveLength(1)
    world.clock.advance(15 * MINUTE + 1)
    expect(await codeOf(world, OPERATOR, STRANGER)).toBeUndefined()
  })
})

describe('the owner', () => {
  test('locks his own network after ten wrong tries, for a quarter of an hour', async () => {
    await using world = await openWorld()
    await codeOf(world, OPERATOR, HOME)
    await guessTimes(world, 10, HOME)
    expect(await codeOf(world, OPERATOR, HOME)).toBe('ACCOUNT_LOCKED')
    expect(await codeOf(world, ACME_ADMIN, HOME)).toBeUndefined()
    world.clock.advance(15 * MINUTE + 1)
    expect(await codeOf(world, OPERATOR, HOME)).toBeUndefined()
  })

  test('is known where he was for 90 days after he was last there', async () => {
    await using world = await openWorld()
    await codeOf(world, OPERATOR, HOME)
    world.clock.advance(89 * DAY)
    await codeOf(world, OPERATOR, HOME)
    world.clock.advance(89 * DAY)
    await lockToStrangers(world)
    expect(await codeOf(world, OPERATOR, HOME)).toBeUndefined()
    world.clock.advance(90 * DAY)
    await lockToStrangers(world)
    expect(await codeOf(world, OPERATOR, HOME)).toBe('SIGN_IN_REFUSED')
  })

  test('is known in twenty networks at most; the one not seen for longest is forgotten', async () => {
    await using world = await openWorld()
    for (let index = 1; index <= 23; index++) {
      expect(await codeOf(world, OPERATOR, at(`192.0.2.${index}`))).toBeUndefined()
      world.clock.advance(1_000)
    }
    const em = world.database.acrossTenants()
    expect(await em.count(KnownNetwork, { userId: '1' })).toBe(20)
    await lockToStrangers(world)
    expect(await codeOf(world, OPERATOR, at('192.0.2.3'))).toBe('SIGN_IN_REFUSED')
    expect(await codeOf(world, OPERATOR, at('192.0.2.4'))).toBeUndefined()
  })

  test('is known nowhere that has no address', async () => {
    await using world = await openWorld()
    await codeOf(world, OPERATOR, null)
    expect(await world.database.acrossTenants().count(KnownNetwork)).toBe(0)
    await lockToStrangers(world)
    expect(await codeOf(world, OPERATOR, null)).toBe('SIGN_IN_REFUSED')
  })

  test('shares a network with others without its rows telling so', async () => {
    await using world = await openWorld()
    await codeOf(world, OPERATOR, HOME)
    await codeOf(world, ACME_ADMIN, HOME)
    const rows = await world.database.acrossTenants().findAll(KnownNetwork)
    expect(new Set(rows.map(({ networkHash }) => networkHash)).size).toBe(2)
  })

  test('whom an operator locked without end is locked at home too', async () => {
    await using world = await openWorld()
    await codeOf(world, OPERATOR, HOME)
    const em = world.database.acrossTenants()
    const settings = await em.findOneOrFail(UserSettings, { userId: '1' })
    Object.assign(settings, { accountLocked: true, accountLockedUntil: null })
    await em.flush()
    expect(await codeOf(world, OPERATOR, HOME)).toBe('ACCOUNT_LOCKED')
  })
})
