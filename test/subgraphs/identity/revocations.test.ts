import { describe, expect, test } from 'vitest'
import { UserRole } from '#subgraphs/identity/entities/user-role.ts'
import { ACME_ADMIN, ACME_MEMBER, GLOBEX_ADMIN, OPERATOR, openWorld } from './kit/identity-world.ts'
import { followRevocations } from './kit/revocation-stream.ts'

const SIGN_OUT = `mutation { signOut(input: {}) { id endedAt } }`
const REVOKE = `mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { id endedAt } }`
const REVOKE_ALL = `mutation ($input: RevokeUserSessionsInput!) { revokeUserSessions(input: $input) { userId count } }`

describe('signing out', () => {
  test('ends the session, its refresh token, and tells the gateways', async () => {
    await using world = await openWorld()
    const stop = new AbortController()
    const messages = await followRevocations(world, stop.signal)
    expect((await messages.next()).value).toEqual({ event: 'snapshot', data: { revocations: [] } })
    const { tokens } = await world.signIn(ACME_MEMBER)
    const viewer = await world.viewerOf(tokens?.accessToken ?? '')
    const { data } = await world.execute(viewer, SIGN_OUT)
    expect(data.signOut).toMatchObject({ id: tokens?.sessionId })
    expect((await messages.next()).value).toEqual({
      event: 'revoked',
      data: { kind: 'session', id: tokens?.sessionId, at: world.clock.now().toISOString() },
    })
    expect((await world.refresh(tokens?.refreshToken ?? '')).code).toBe('SESSION_ENDED')
    stop.abort()
  })

  test('who comes later is told what happened in the last nine minutes', async () => {
    await using world = await openWorld()
    await world.execute(await world.as(ACME_MEMBER), SIGN_OUT)
    world.clock.advance(540_001)
    const { tokens } = await world.signIn(ACME_MEMBER)
    await world.execute(await world.viewerOf(tokens?.accessToken ?? ''), SIGN_OUT)
    const stop = new AbortController()
    const { value } = await (await followRevocations(world, stop.signal)).next()
    expect(value?.data.revocations).toEqual([
      { kind: 'session', id: tokens?.sessionId, at: world.clock.now().toISOString() },
    ])
    stop.abort()
  })
})

test('a role taken by a clock that is two minutes behind ends the tokens made before it all the same', async () => {
  await using world = await openWorld()
  const member = await world.as(ACME_MEMBER)
  const operator = await world.as(OPERATOR)
  const issuedAt = world.clock.now().toISOString()
  world.clock.advance(-120_000)
  const { userId } = member
  const held = await world.database.acrossTenants().findOneOrFail(UserRole, { userId })
  const take = `mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { id } }`
  const input = { userRoleId: held.id }
  expect((await world.execute(operator, take, { input })).errors).toBeUndefined()
  const stop = new AbortController()
  const { value } = await (await followRevocations(world, stop.signal)).next()
  // A gateway ends what was issued then or before.
  expect(value?.data.revocations).toEqual([{ kind: 'user', id: userId, at: issuedAt }])
  stop.abort()
})

describe('ending the sessions of others', () => {
  test('a person sees and ends his own sessions, nobody else’s', async () => {
    await using world = await openWorld()
    const member = await world.as(ACME_MEMBER)
    const other = await world.as(ACME_MEMBER)
    const { data } = await world.execute(member, `{ sessions { edges { node { id isThis } } } }`)
    expect(data.sessions).toEqual({
      edges: [
        { node: { id: other.sessionId, isThis: false } },
        { node: { id: member.sessionId, isThis: true } },
      ],
    })
    const stranger = await world.as(GLOBEX_ADMIN)
    const input = { sessionId: other.sessionId }
    const refused = await world.execute(stranger, REVOKE, { input })
    expect(refused.errors?.[0]?.extensions.code).toBe('SESSION_NOT_FOUND')
    const foreign = await world.execute(
      member,
      `query ($id: ID!) { sessions(userId: $id) { edges { cursor } } }`,
      {
        id: stranger.userId,
      },
    )
    expect(foreign.errors?.[0]?.extensions.code).toBe('SESSION_NOT_FOUND')
    expect((await world.execute(member, REVOKE, { input })).errors).toBeUndefined()
  })

  test('an administrator ends the sessions of his tenant, the operator all', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const elsewhere = await world.signIn({ ...ACME_MEMBER, tenantId: '2' })
    const here = await world.signIn({ ...ACME_MEMBER, tenantId: '1' })
    const input = { userId: here.tokens?.userId }
    const { data } = await world.execute(admin, REVOKE_ALL, { input })
    expect(data.revokeUserSessions).toEqual({ userId: here.tokens?.userId, count: 1 })
    expect((await world.refresh(here.tokens?.refreshToken ?? '')).code).toBe('SESSION_ENDED')
    expect((await world.refresh(elsewhere.tokens?.refreshToken ?? '')).tokens).not.toBeNull()
    const all = await world.execute(await world.as(OPERATOR), REVOKE_ALL, { input })
    expect(all.data.revokeUserSessions).toMatchObject({ count: 1 })
    expect((await world.refresh(elsewhere.tokens?.refreshToken ?? '')).code).toBe('SESSION_ENDED')
  })
})

test('the keys of the tokens are public, and a key that is thirty days old gets a successor first', async () => {
  await using world = await openWorld()
  const { createSigningKeys } = await import('#subgraphs/identity/services/signing-keys.ts')
  const { systemRandomness } = await import('#kernel/ids.ts')
  const keys = createSigningKeys({ ...world, randomness: systemRandomness })
  const first = (await keys.signer()).kid
  expect(await keys.rotateIfDue()).toBe(false)
  world.clock.advance(30 * 86_400_000)
  expect(await keys.rotateIfDue()).toBe(true)
  expect((await keys.publicKeys()).keys).toHaveLength(2)
  expect((await keys.signer()).kid).toBe(first)
  world.clock.advance(15 * 60_000)
  expect((await keys.signer()).kid).not.toBe(first)
  expect((await keys.publicKeys()).keys).toHaveLength(2)
  world.clock.advance(15 * 60_000)
  expect((await keys.publicKeys()).keys).toHaveLength(1)
  expect(JSON.stringify(await keys.publicKeys())).not.toContain('"d"')
})
