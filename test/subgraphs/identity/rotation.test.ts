import { describe, expect, test } from 'vitest'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import { ACME_ADMIN, OPERATOR, openWorld, type World } from './kit/identity-world.ts'
import { proveRotation } from './kit/rotation-schedules.ts'

async function signedIn(world: World) {
  const { tokens } = await world.signIn(OPERATOR)
  if (!tokens) throw new Error('the operator could not sign in')
  return tokens
}

describe('refreshing', () => {
  test('each refresh gives the next token of the same session', async () => {
    await using world = await openWorld()
    const first = await signedIn(world)
    const second = await world.refresh(first.refreshToken)
    world.clock.advance(60_000)
    const third = await world.refresh(second.tokens?.refreshToken ?? '')
    expect(third.tokens?.sessionId).toBe(first.sessionId)
    expect(new Set([first, second.tokens, third.tokens].map((one) => one?.refreshToken)).size).toBe(
      3,
    )
    expect(third.tokens?.scopes).toEqual(first.scopes)
  })

  test('tabs that ask at once, and one that lost its answer, get the same token', async () => {
    await using world = await openWorld()
    const { refreshToken } = await signedIn(world)
    const answers = await Promise.all([1, 2, 3, 4].map(() => world.refresh(refreshToken)))
    world.clock.advance(10_000)
    const again = await world.refresh(refreshToken)
    const texts = [...answers, again].map(({ tokens }) => tokens?.refreshToken)
    expect(texts[0]).toBeDefined()
    expect(new Set(texts).size).toBe(1)
  })

  test('a token that comes back after the grace ends the session, told as an event', async () => {
    await using world = await openWorld()
    const { refreshToken, userId } = await signedIn(world)
    const { tokens } = await world.refresh(refreshToken)
    world.clock.advance(10_001)
    expect((await world.refresh(refreshToken)).code).toBe('REFRESH_TOKEN_REUSED')
    expect((await world.refresh(tokens?.refreshToken ?? '')).code).toBe('SESSION_ENDED')
    const [event] = await world.database
      .acrossTenants()
      .find(SecurityEvent, { eventType: 'refresh.reused' })
    expect(event).toMatchObject({ userId, riskScore: 0.9 })
  })

  test('another session of the same person lives on', async () => {
    await using world = await openWorld()
    const stolen = await signedIn(world)
    const other = await signedIn(world)
    await world.refresh(stolen.refreshToken)
    world.clock.advance(10_001)
    await world.refresh(stolen.refreshToken)
    expect((await world.refresh(other.refreshToken)).tokens).not.toBeNull()
  })

  test('a forged, a cut and a foreign token are refused alike', async () => {
    await using world = await openWorld()
    const { refreshToken } = await signedIn(world)
    const other = (await world.signIn(ACME_ADMIN)).tokens?.refreshToken ?? ''
    const mac = other.split('.').at(-1)
    const forged = [
      refreshToken.slice(0, -1),
      `${refreshToken.split('.').slice(0, 2).join('.')}.${mac}`,
      refreshToken.replace('.0.', '.1.'),
      'dsr_99999999.0.'.padEnd(58, 'A'),
      '',
    ]
    for (const text of forged) {
      expect((await world.refresh(text)).code).toBe('REFRESH_TOKEN_INVALID')
    }
    expect((await world.refresh(refreshToken)).tokens).not.toBeNull()
  })

  test('a session ends when nobody refreshes it for two weeks', async () => {
    await using world = await openWorld()
    const { refreshToken } = await signedIn(world)
    world.clock.advance(14 * 86_400_000 + 1)
    expect((await world.refresh(refreshToken)).code).toBe('SESSION_ENDED')
  })
})

test('under random tabs, losses and thieves nobody honest is signed out and every reuse is found', async () => {
  await using world = await openWorld()
  const { userId } = await signedIn(world)
  const proof = await proveRotation(world, { userId, schedules: 300, seed: 2026 })
  expect(proof.thefts).toBeGreaterThan(50)
  expect(proof).toMatchObject({ schedules: 300, falseSignOuts: 0, undetectedReuses: 0 })
}, 120_000)
